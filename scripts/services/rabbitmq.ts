import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { connect } from 'amqplib';
import { commandInTree, type DebianTree, debianTree, HOME_IN_TREE } from './debian-tree.ts';
import { freePort } from './free-port.ts';
import { launch } from './process.ts';
import type { Server, Service, Site } from './service.ts';

/** Which Debian has which release series. */
const SUITES = { '3.10': 'bookworm', '4.0': 'trixie' } as const;

/** A release series of RabbitMQ that a Debian has. */
export type RabbitmqSeries = keyof typeof SUITES;

const CONNECT_MS = 2000;
const CONTROL_MS = 30_000;

/** A RabbitMQ of one node, without plugins; `guest` is its administrator. */
export function rabbitmq(name: string, series: RabbitmqSeries, settings: Readonly<Record<string, string>> = {}): Service {
  return {
    name,
    needs: [],
    stopSignal: 'SIGKILL',
    start: (site) => start(series, settings, site),
    ask: askRabbitmq,
  };
}

/** Runs `rabbitmqctl` on the server that was started in this folder; what it printed. */
export async function control(series: RabbitmqSeries, { folder, cache }: Pick<Site, 'folder' | 'cache'>, ...words: readonly string[]): Promise<string> {
  const { command, options } = commandInTree(await debianTree(treeOf(series), cache), folder, 'sh', ['-c', withEnvironment('rabbitmqctl'), 'rabbitmqctl', '--quiet', ...words]);
  return (await promisify(execFile)(command, options, { timeout: CONTROL_MS, cwd: '/' })).stdout;
}

async function start(series: RabbitmqSeries, settings: Readonly<Record<string, string>>, { folder, cache, port }: Site): Promise<Server> {
  const tree = await debianTree(treeOf(series), cache);
  writeFileSync(join(folder, 'rabbitmq.conf'), configuration({ 'listeners.tcp.1': `127.0.0.1:${port}`, 'log.console': 'true', 'log.console.level': 'warning', ...settings }));
  writeFileSync(join(folder, 'environment'), environment(await freePort(), await freePort()));
  const { command, options } = commandInTree(tree, folder, 'sh', ['-c', withEnvironment('rabbitmq-server')]);
  return { pid: launch(command, options, folder, {}), url: `amqp://guest:guest@127.0.0.1:${port}` };
}

/** Resolves where it opens a channel; its listener is the last that starts. */
async function askRabbitmq(url: string): Promise<void> {
  const connection = await connect(url, { timeout: CONNECT_MS });
  connection.on('error', () => {});
  try {
    await connection.createChannel();
  } finally {
    await connection.close();
  }
}

function treeOf(series: RabbitmqSeries): DebianTree {
  return { suite: SUITES[series], debianPackage: 'rabbitmq-server' };
}

function configuration(settings: Readonly<Record<string, string>>): string {
  return Object.entries(settings)
    .map(([name, value]) => `${name} = ${value}\n`)
    .join('');
}

/** Two servers on one machine share neither ports nor the demon that tells nodes' ports; nobody but this machine reaches them. */
function environment(namesPort: number, nodePort: number): string {
  const variables = {
    ERL_EPMD_ADDRESS: '127.0.0.1',
    ERL_EPMD_PORT: namesPort,
    RABBITMQ_NODENAME: 'semel@localhost',
    RABBITMQ_DIST_PORT: nodePort,
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: "'-kernel inet_dist_use_interface {127,0,0,1}'",
    RABBITMQ_MNESIA_BASE: `${HOME_IN_TREE}/data`,
    RABBITMQ_LOG_BASE: `${HOME_IN_TREE}/logs`,
    RABBITMQ_CONFIG_FILE: `${HOME_IN_TREE}/rabbitmq.conf`,
    RABBITMQ_ENABLED_PLUGINS_FILE: `${HOME_IN_TREE}/enabled_plugins`,
    RABBITMQ_PID_FILE: `${HOME_IN_TREE}/pid`,
    RABBITMQ_CONF_ENV_FILE: '/dev/null',
  };
  return Object.entries(variables)
    .map(([name, value]) => `export ${name}=${value}\n`)
    .join('');
}

/** Below Debian's own wrappers, which insist on the user that its package makes. */
function withEnvironment(program: string): string {
  return `. ${HOME_IN_TREE}/environment; exec /usr/lib/rabbitmq/bin/${program} "$@"`;
}
