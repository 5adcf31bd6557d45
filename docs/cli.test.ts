import { mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { run } from '../packages/semel/src/cli/run.ts';
import { systemRuntime } from '../packages/semel/src/core/runtime.ts';
import type { StandardSchema } from '../packages/semel/src/core/standard-schema.ts';
import { topic } from '../packages/semel/src/core/topic.ts';
import { createSemel } from '../packages/semel/src/semel.ts';
import { sqlite } from '../packages/semel/src/stores/sqlite/index.ts';

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

const before = process.cwd();
let folder: string;

beforeAll(async () => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'semel-docs-')));
  process.chdir(folder);
  await leaveTraces();
});

afterAll(() => {
  process.chdir(before);
  rmSync(folder, { recursive: true });
});

/** The store of the page: payments that were refused, a ledger that stands still for a customer, a pause, and a consumer that is gone. */
async function leaveTraces(): Promise<void> {
  let nowMs = NOW_MS - 9 * DAY_MS;
  const semel = createSemel({ name: 'shop', store: sqlite('shop.db'), runtime: { ...systemRuntime, clock: { now: () => nowMs } } });
  const payments = semel.consume(orders, { name: 'payments' }, ({ message }) => {
    if (message.data.cents > 10_000) throw refusal('CARD_REFUSED', `the bank refused ${message.data.orderId}`);
  });
  const ledger = semel.consume(orders, { name: 'ledger', onDeadLetter: 'hold-key', retry: { attempts: 1 } }, ({ message }) => {
    if (message.data.orderId === 'A3') throw refusal('PERIOD_CLOSED', 'the period is closed');
  });
  const mail = semel.consume(orders, { name: 'mail' }, () => {});
  for (const consumer of [payments, ledger, mail, semel.consume(signups, { name: 'welcome-mail' }, () => {})]) await semel.processor(consumer);
  await semel.publish(signups, { orderId: '', customer: 'C1', cents: 0 });
  nowMs = NOW_MS - 3 * HOUR_MS;
  for (const consumer of [payments, ledger, mail]) await semel.processor(consumer);
  await semel.pause('mail');
  for (const [orderId, customer, cents] of [
    ['A1', 'C1', 500],
    ['A2', 'C2', 20_000],
    ['A3', 'C3', 700],
    ['A4', 'C3', 800],
    ['A5', 'C4', 30_000],
  ] as const) {
    await semel.publish(orders, { orderId, customer, cents });
  }
  const running = await semel.start({ consumers: [payments, ledger] });
  await running.idle();
  await running.stop();
}

function refusal(code: string, message: string): Error {
  const error = Object.assign(new Error(message), { code, name: 'Reject', reason: message });
  error.stack = `Reject: ${message}\n    at charge (/srv/shop/payments.ts:14:11)`;
  return error;
}

/** What `$ semel …`, and `$ echo $?` after it, print. */
async function answers(lines: readonly string[]): Promise<readonly string[]> {
  let exitCode = 0;
  const shown: string[] = [];
  for (const line of lines) {
    let text = '';
    const sink = { write: (more: string) => (text += more) };
    if (line === '$ echo $?') text = `${exitCode}\n`;
    else
      exitCode = await run(line.replace('$ semel', '').split(' ').filter(Boolean), {
        stdout: sink,
        stderr: sink,
        env: { SEMEL_STORE: 'shop.db' },
        now: () => NOW_MS,
        isTty: false,
      });
    shown.push(`${line}\n${anywhere(text)}`);
  }
  return shown;
}

/** The same on every machine: folder, sizes, version. */
function anywhere(text: string): string {
  return text
    .replaceAll(folder, '/srv/shop')
    .replace(/sound, [\d.]+ \w+/, 'sound, 180 KiB')
    .replace(/[\d.]+ \w+ free/, '120 GiB free')
    .replace(/Semel \d\S+ can/, 'Semel 0.1.0 can');
}

test('every command of the page was run, and printed what stands there', async () => {
  const page = readFileSync(join(import.meta.dirname, 'cli.md'), 'utf8');
  const parts = page.split(/(?<=^```console\n)(.*?)(?=^```$)/ms);
  for (let index = 1; index < parts.length; index += 2) {
    const lines = parts[index]?.split('\n').filter((line) => line.startsWith('$ ')) ?? [];
    parts[index] = (await answers(lines)).join('');
  }
  await expect(parts.join('')).toMatchFileSnapshot('cli.md'); // `vitest -u` writes the answers into the page
});
