// Makes ../graphiql from the npm packages that package.json names. Nothing is left in the checkout but the result.
import { execFileSync } from "node:child_process";
import { cp, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const target = join(here, "..", "graphiql");

/** Packages published without their licence text: their repository's copyright line (toggle-selection: its author). */
const COPYRIGHT_OF_PACKAGES_WITHOUT_LICENCE_FILE = {
  "@headlessui/react": "Copyright (c) 2020 Tailwind Labs",
  "react-compiler-runtime": "Copyright (c) Meta Platforms, Inc. and affiliates.",
  "react-remove-scroll-bar": "Copyright (c) 2025 Anton Korzunov <thekashey@gmail.com>",
  "toggle-selection": "Copyright (c) sudodoki <smd.deluzion@gmail.com>",
};

/** What is changed in published files: which file, what it must contain, what takes its place. */
const CHANGES = [
  [/graphiql\/dist\/style\.css$/, /@font-face\s*\{[^}]*\}/g, ""],
  [/graphiql\/dist\/style\.css$/, /"Roboto",\s*sans-serif/, "system-ui,sans-serif"],
  [/graphiql\/dist\/style\.css$/, /"Fira Code",\s*monospace/, "ui-monospace,Menlo,Consolas,monospace"],
  [/react-style-singleton\/dist\/es2015\/singleton\.js$/, /if \(\(stylesheet = makeStyleTag\(\)\)\)/, "if (false)"],
  [/@graphiql\/react\/dist\/index\.mjs$/, /return url \? isImageURL\(url\) : false;/, "return false;"],
];

const changePublishedFiles = {
  name: "change-published-files",
  setup(build) {
    const applied = new Set();
    build.onLoad({ filter: /(graphiql\/(react\/)?dist\/(style\.css|index\.mjs)|style-singleton\/.*\/singleton\.js)$/ }, async ({ path }) => {
      let contents = await readFile(path, "utf8");
      for (const change of CHANGES.filter(([file]) => file.test(path))) {
        const changed = contents.replace(change[1], change[2]);
        if (changed !== contents) applied.add(change);
        contents = changed;
      }
      return { contents, loader: path.endsWith(".css") ? "css" : "js" };
    });
    build.onEnd(() => {
      const missed = CHANGES.filter((change) => !applied.has(change));
      if (missed.length) throw new Error(`nothing to change any more: ${missed.map(([, pattern]) => pattern)}`);
    });
  },
};

/** The packages of which at least one byte is in the output. */
function bundledPackages(metafile) {
  const names = new Set();
  for (const { inputs } of Object.values(metafile.outputs)) {
    for (const [path, { bytesInOutput }] of Object.entries(inputs)) {
      const name = path.match(/.*node_modules\/((?:@[^/]+\/)?[^/]+)/)?.[1];
      if (name && bytesInOutput) names.add(name);
    }
  }
  return [...names].sort();
}

/** Stops unless each bundled package is pinned, so that the next run gives the same bytes. */
function checkPins(packages, manifest) {
  const pins = { ...manifest.overrides, ...manifest.dependencies };
  if (packages.every(({ name, version }) => pins[name] === version)) return;
  const overrides = packages.filter(({ name }) => !(name in manifest.dependencies));
  const lines = JSON.stringify(Object.fromEntries(overrides.map(({ name, version }) => [name, version])), null, 2);
  throw new Error(`bundled packages are not all pinned; "overrides" in package.json should be\n${lines}`);
}

async function licenceText(folder, { name, license }, mit) {
  const file = (await readdir(folder)).find((entry) => /^licen[cs]e/i.test(entry));
  if (file) return (await readFile(join(folder, file), "utf8")).trim();
  const copyright = COPYRIGHT_OF_PACKAGES_WITHOUT_LICENCE_FILE[name];
  if (license !== "MIT" || !copyright) throw new Error(`no licence text for ${name}`);
  return mit.replace(/^Copyright .*$/m, copyright);
}

/** One section for each distinct text, headed by the packages that it covers. */
async function licences(packages, modules) {
  const mit = (await readFile(join(modules, "graphiql", "LICENSE"), "utf8")).trim();
  const covered = new Map();
  for (const manifest of packages) {
    const text = (await licenceText(join(modules, manifest.name), manifest, mit)).replace(/\r\n/g, "\n");
    covered.set(text, [...(covered.get(text) ?? []), `${manifest.name} ${manifest.version} (${manifest.license})`]);
  }
  const sections = [...covered].map(([text, names]) => `${names.join("\n")}\n\n${text}\n`);
  return `graphiql.js and graphiql.css contain the following packages.\n\n${sections.join(`\n${"-".repeat(80)}\n\n`)}`;
}

const work = await mkdtemp(join(tmpdir(), "graphiql-"));
try {
  await cp(here, work, { recursive: true });
  const flags = ["--ignore-scripts", "--no-package-lock", "--no-audit", "--no-fund"];
  execFileSync("npm", ["install", ...flags], { cwd: work, stdio: "inherit" });

  const modules = join(work, "node_modules");
  const manifest = JSON.parse(await readFile(join(work, "package.json"), "utf8"));
  const esbuild = await import(pathToFileURL(join(modules, "esbuild", "lib", "main.js")));
  const { metafile } = await esbuild.build({
    absWorkingDir: work,
    entryPoints: { graphiql: "main.jsx" },
    outdir: "out",
    bundle: true,
    minify: true,
    metafile: true,
    format: "iife",
    target: "es2022",
    jsx: "automatic",
    define: { "process.env.NODE_ENV": '"production"' },
    legalComments: "none",
    banner: { js: "/*! Licences: LICENSE.txt */", css: "/*! Licences: LICENSE.txt */" },
    plugins: [changePublishedFiles],
  });

  const names = bundledPackages(metafile);
  const packages = await Promise.all(
    names.map(async (name) => JSON.parse(await readFile(join(modules, name, "package.json"), "utf8"))),
  );
  checkPins(packages, manifest);

  const out = join(work, "out");
  const shown = ["graphiql", "react", "graphql", "graphql-ws"].map((name) => `${name} ${manifest.dependencies[name]}`);
  const readme = await readFile(join(work, "README.template.md"), "utf8");
  await writeFile(join(out, "README.md"), readme.replace("{versions}", shown.join(", ")));
  await writeFile(join(out, "LICENSE.txt"), await licences(packages, modules));
  for (const file of ["index.html", "favicon.svg"]) await cp(join(work, file), join(out, file));

  await rm(target, { recursive: true, force: true });
  await cp(out, target, { recursive: true });
} finally {
  await rm(work, { recursive: true, force: true });
}
