/**
 * `npm run services -- [up|down|status] [names…] [--json]`: the servers that tests need; where none is named, all of them, and `up` the usual
 * ones. They stay until `down`, and every run of the tests finds them. The standard output gets the variables that lead to them. Exit code 1 where one is missing.
 */
import { parseArgs } from 'node:util';
import { dissolveOrphans } from './services/borrow.ts';
import { named, USUAL, withNeeds } from './services/catalog.ts';
import { type Provision, provide, sharedFleet } from './services/provide.ts';
import { variableOf } from './services/service.ts';

const COMMANDS: Readonly<Record<string, (names: readonly string[]) => Promise<void>>> = { up, down, status };

const { values, positionals } = parseArgs({ options: { json: { type: 'boolean', default: false } }, allowPositionals: true });
const [command = 'up', ...names] = positionals;
const run = COMMANDS[command];
if (run === undefined) throw new Error(`there is no command ${command}; there are ${Object.keys(COMMANDS).join(', ')}`);
await run(names);

async function up(names: readonly string[]): Promise<void> {
  await dissolveOrphans();
  const provisions = await provide(withNeeds(names.length === 0 ? USUAL : names), sharedFleet());
  for (const [name, provision] of provisions) console.error(`${name}: ${'missing' in provision ? `MISSING, ${provision.missing}` : provision.from}`);
  if ([...provisions.values()].some((provision) => 'missing' in provision)) process.exitCode = 1;
  printVariables(provisions);
}

async function down(names: readonly string[]): Promise<void> {
  for (const { name } of named(names)) console.error(`${name}: ${(await sharedFleet().down(name)) ? 'ended' : 'did not run'}`);
  await dissolveOrphans();
}

async function status(names: readonly string[]): Promise<void> {
  const provisions = new Map<string, Provision>();
  for (const service of named(names)) {
    const own = process.env[variableOf(service.name)];
    const url = own || (await sharedFleet().find(service));
    console.error(`${service.name}: ${own ? 'variable' : url === undefined ? 'does not run' : 'running'}`);
    if (url !== undefined) provisions.set(service.name, { url, from: own ? 'variable' : 'running' });
  }
  printVariables(provisions);
}

function printVariables(provisions: ReadonlyMap<string, Provision>): void {
  const variables = [...provisions].flatMap(([name, provision]) => ('url' in provision ? [[variableOf(name), provision.url] as const] : []));
  if (values.json) console.log(JSON.stringify(Object.fromEntries(variables)));
  else for (const [variable, url] of variables) console.log(`${variable}=${url}`);
}
