import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { run } from '../packages/semel/src/cli/run.ts';
import type { Consumer } from '../packages/semel/src/consumer/consumer.ts';
import { systemRuntime } from '../packages/semel/src/core/runtime.ts';
import type { StandardSchema } from '../packages/semel/src/core/standard-schema.ts';
import { topic } from '../packages/semel/src/core/topic.ts';
import type { Running } from '../packages/semel/src/running.ts';
import { createSemel, type Semel } from '../packages/semel/src/semel.ts';
import { sqlite } from '../packages/semel/src/stores/sqlite/index.ts';
import { database, postgresUrl, type TestDatabase } from '../packages/semel/test/services/postgres.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const NOW_MS = Date.UTC(2026, 2, 2, 15, 20);

interface Order {
  readonly orderId: string;
  readonly customer: string;
  readonly cents: number;
}

const schema: StandardSchema<Order> = { '~standard': { version: 1, vendor: 'docs', validate: (value) => ({ value: value as Order }) } };
const orders = topic('orders', { schema, id: ({ orderId }) => `${orderId}/placed`, key: ({ customer }) => customer });
const signups = topic('signups', { schema, id: ({ customer }) => customer });

/** As the page has them. */
const POSTGRES = 'postgres://deploy@db.example/shop';
const ROLE = 'shop_app';

const before = process.cwd();
const role = `${ROLE}_${randomBytes(4).toString('hex')}`; // a role is known to every database of a server
let folder: string;
let postgres: TestDatabase | undefined;

beforeAll(async () => {
  if (postgresUrl !== undefined) {
    postgres = await database();
    await onPostgres(`create role ${role}`);
  }
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'semel-docs-')));
  process.chdir(folder);
  await leaveTraces();
});

afterAll(async () => {
  process.chdir(before);
  rmSync(folder, { recursive: true });
  if (postgres === undefined) return;
  await onPostgres(`drop owned by ${role}; drop role ${role}`);
  await postgres.drop();
});

async function onPostgres(sql: string): Promise<void> {
  const client = new Client({ connectionString: postgres?.url });
  await client.connect();
  await client.query(sql);
  await client.end();
}

/** The store of the page: refused payments, a ledger that holds a key, a pause, a consumer that is gone, and what nobody pruned. */
async function leaveTraces(): Promise<void> {
  await at(NOW_MS - 40 * DAY_MS, ['payments', 'ledger'], async (semel) => {
    await semel.publish(orders, { orderId: 'A0', customer: 'C1', cents: 100 });
  });
  await at(NOW_MS - 9 * DAY_MS, [], async (semel, join) => {
    await join('welcome-mail');
    await semel.publish(signups, { orderId: '-', customer: 'C1', cents: 0 });
  });
  await at(NOW_MS - 3 * HOUR_MS, ['payments', 'ledger'], async (semel, join) => {
    await join('mail');
    await semel.pause('mail');
    for (const [index, cents] of [500, 20_000, 700, 30_000, 40_000].entries()) {
      await semel.publish(orders, { orderId: `A${index + 1}`, customer: `C${index + 1}`, cents });
    }
  });
}

/** At that time, `act` and then let the named consumers handle what is due, one after another. */
async function at(nowMs: number, names: readonly string[], act: (semel: Semel, join: (name: string) => Promise<unknown>) => Promise<void>): Promise<void> {
  const semel: Semel = createSemel({ name: 'shop', store: sqlite('shop.db'), runtime: { ...systemRuntime, clock: { now: () => nowMs } } });
  declareConsumers(semel);
  const named = (name: string) => semel.consumers.find((consumer) => consumer.name === name) as Consumer;
  const join = (name: string) => semel.processor(named(name));
  for (const name of names) await join(name);
  await act(semel, join);
  const started: Running[] = [];
  for (const name of names) {
    const running = await semel.start({ consumers: [named(name)] });
    await running.idle();
    started.push(running);
  }
  for (const running of started) await running.stop();
  await semel.close();
}

function declareConsumers(semel: Semel): void {
  semel.consume(orders, { name: 'payments' }, ({ message }) => {
    if (message.data.cents > 10_000) throw refusal('CARD_REFUSED', `the bank refused ${message.data.orderId}`);
  });
  semel.consume(orders, { name: 'ledger', onDeadLetter: 'hold-key' }, ({ message }) => {
    if (message.data.orderId === 'A3') throw refusal('PERIOD_CLOSED', 'the period is closed');
  });
  semel.consume(orders, { name: 'mail', from: 'now' }, () => {});
  semel.consume(signups, { name: 'welcome-mail' }, () => {});
}

function refusal(code: string, message: string): Error {
  const error = Object.assign(new Error(message), { code, name: 'Reject', reason: message });
  error.stack = `Reject: ${message}\n    at charge (/srv/shop/payments.ts:14:11)`;
  return error;
}

/** What `$ semel …`, and `$ echo $?` after it, print; `$ export SEMEL_STORE=…` names another store, for the lines after it. */
async function answers(lines: readonly string[]): Promise<string> {
  let exitCode = 0;
  let store = 'shop.db';
  let shown = '';
  for (const line of lines) {
    let text = '';
    if (line.startsWith(EXPORT)) store = line.slice(EXPORT.length);
    else if (line === '$ echo $?') text = `${exitCode}\n`;
    else
      exitCode = await semel(line, store, (more) => {
        text += more;
      });
    shown += `${line}\n${anywhere(text)}`;
  }
  return shown;
}

const EXPORT = '$ export SEMEL_STORE=';

/** The server has a clock of its own; the file goes by the page's. */
async function semel(line: string, store: string, write: (text: string) => void): Promise<number> {
  const given = line.replace('$ semel', '').replace(ROLE, role);
  const argv = [...given.matchAll(/"([^"]*)"|\S+/g)].map(([word, inner]) => inner ?? word);
  const env = { SEMEL_STORE: store === POSTGRES ? postgres?.url : store };
  return run(argv, { stdout: { write }, stderr: { write }, env, now: () => (store === POSTGRES ? Date.now() : NOW_MS), isTty: false });
}

/** The same on every machine: folder, sizes, versions, and what others do on the server. */
function anywhere(text: string): string {
  return text
    .replaceAll(folder, '/srv/shop')
    .replaceAll(role, ROLE)
    .replace(/sound, [\d.]+ \w+/, 'sound, 180 KiB')
    .replace(/[\d.]+ \w+ free/, '120 GiB free')
    .replace(/Semel \d\S+ can/, 'Semel 0.1.0 can')
    .replace(/Postgres \d.*/, 'Postgres 18.4')
    .replace('postgres lacks none', 'deploy lacks none')
    .replace(/(connections +)\d+ of \d+/, '$112 of 97')
    .replace(/(notify-queue +)\d+ %/, '$10 %');
}

test('every command of the page was run, and printed what stands there', async () => {
  const page = pageText();
  const parts = page.split(/(?<=^```console\n)(.*?)(?=^```$)/ms);
  for (let index = 1; index < parts.length; index += 2) {
    const lines = parts[index]?.split('\n').filter((line) => line.startsWith('$ ')) ?? [];
    if (lines[0] === `${EXPORT}${POSTGRES}` && postgres === undefined) continue; // without a server they stay as they are
    parts[index] = await answers(lines);
  }
  await expect(parts.join('')).toMatchFileSnapshot('cli.md'); // `vitest -u` writes the answers into the page
});

test('every command and every check stands in the page', async () => {
  const page = pageText();
  const help: string[] = [];
  await semel('$ semel --help', 'shop.db', (text) => help.push(text));
  const commands = [...help.join('').matchAll(/^ {2}([a-z]+) /gm)].map(([, name]) => name).filter((name) => name !== 'help' && name !== 'dead');
  expect(commands.filter((name) => !page.includes(`\n## semel ${name}\n`))).toEqual([]);
  for (const store of ['shop.db', ...(postgres === undefined ? [] : [POSTGRES])]) expect((await checksOf(store)).filter((check) => !page.includes(`| \`${check}\` |`))).toEqual([]);
});

/** The checks that doctor goes through where none fails. */
async function checksOf(store: string): Promise<readonly string[]> {
  const ignored = () => {};
  await semel('$ semel migrate', store, ignored);
  let answer = '';
  await semel('$ semel doctor --json', store, (text) => {
    answer += text;
  });
  const { findings } = JSON.parse(answer) as { readonly findings: readonly { readonly check: string; readonly level: string }[] };
  expect(findings.filter(({ level }) => level === 'fail')).toEqual([]);
  return findings.map(({ check }) => check);
}

function pageText(): string {
  return readFileSync(join(import.meta.dirname, 'cli.md'), 'utf8');
}
