"""How commands run: on a loop of their own, to an end in order, with the settings they are given."""

from __future__ import annotations

import asyncio
import gc
import signal
from collections.abc import Coroutine
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from service.settings import LogFormat, Settings

T = TypeVar("T")

DataOption = Annotated[Path | None, typer.Option(help="Folder of the embedded engine.")]


def run(work: Coroutine[Any, Any, T], serving: Settings | None = None) -> T:
    """Runs to the end on the fastest loop there is; the log is as the settings of what serves have it."""
    import uvicorn

    from service.observing import logs

    logs.start(serving.log_level if serving else "WARNING", serving.log_format if serving else LogFormat.CONSOLE)
    # What was imported stays: else the collector walks all of it again and again, a third of a write's CPU.
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)

    async def interruptible() -> T:
        # SIGTERM ends a command as Ctrl-C does: in order. While it serves, the server takes both over.
        task = asyncio.current_task()
        assert task is not None
        task.get_loop().set_exception_handler(logs.on_loop_error)
        signal.signal(signal.SIGTERM, lambda *_: task.get_loop().call_soon_threadsafe(task.cancel))
        return await work

    with asyncio.Runner(loop_factory=uvicorn.Config("", log_config=None).get_loop_factory()) as runner:
        try:
            return runner.run(interruptible())
        except asyncio.CancelledError:
            raise SystemExit(143) from None


def settings_of(**given: Any) -> Settings:
    """The settings, with what a command was given in their place; what is None was not."""
    return Settings(**{name: value for name, value in given.items() if value is not None})
