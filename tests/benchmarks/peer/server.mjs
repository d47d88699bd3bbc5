// The peer of the benchmark: @neo4j/graphql behind graphql-yoga, over the graph that the service reads too.
// Reads its settings as JSON (see measuring.ServerSettings) from its first argument and the password from its
// standard input, prints its port, and serves until it is terminated or its standard input ends.
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { createInterface } from 'node:readline'
import { Neo4jGraphQL } from '@neo4j/graphql'
import { createYoga } from 'graphql-yoga'
import neo4j from 'neo4j-driver'

const settings = JSON.parse(process.argv[2])
const lines = createInterface({ input: process.stdin })
const password = await new Promise((resolve) => lines.once('line', resolve))
lines.once('close', () => process.exit())

const driver = neo4j.driver(settings.uri, password ? neo4j.auth.basic(settings.user, password) : undefined, {
  maxConnectionPoolSize: 50, // As the service has.
  disableLosslessIntegers: true, // Plain numbers cost the least.
  notificationFilter: { minimumSeverityLevel: 'OFF' },
  telemetryDisabled: true,
})
const typeDefs = readFileSync(new URL('typedefs.graphql', import.meta.url), 'utf8')
const yoga = createYoga({
  schema: await new Neo4jGraphQL({ typeDefs, driver }).getSchema(),
  context: { sessionConfig: { database: settings.database } },
  healthCheckEndpoint: '/readyz',
  graphiql: false,
  landingPage: false,
  logging: false,
})
const server = createServer(yoga)
server.keepAliveTimeout = 60_000
server.listen(0, '127.0.0.1', () => console.log(server.address().port))
