import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

const MAIN = join(import.meta.dirname, '../../../src/cli/main.ts');
const APPS = join(import.meta.dirname, 'apps');
const DEMO = join(import.meta.dirname, '../../../../../examples/demo/app.ts');

interface Ran {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'semel-explain-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** `semel explain` as a process, in an empty folder. */
function explain(app: string, ...more: readonly string[]): Ran {
  const path = app.includes('/') ? app : join(APPS, `${app}.ts`);
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--disable-warning=ExperimentalWarning', '--conditions=semel-source', MAIN, 'explain', path, ...more], {
    cwd: folder,
    env: { PATH: process.env['PATH'] ?? '' },
    encoding: 'utf8',
    timeout: 20_000,
  });
  return { status, stdout, stderr };
}

test('an application that holds: its way, its steps and what it rests on; nothing is opened, and a timer of the application keeps nobody waiting', () => {
  const { status, stdout, stderr } = explain('holds');
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout).toMatch(/^payments: exactly-once, in the transaction: holds\n {2}producer {3}Whoever publishes to orders/);
  expect(stdout).toMatch(/\nmail: at-least-once, naturally: holds\n {2}producer {3}payments, and whoever else publishes/);
  expect(stdout).toMatch(/\nmetrics: at-most-once: holds\n/);
  expect(stdout.replaceAll(/\s+/g, ' ')).toContain('Amazon SQS FIFO can bring a message again for 42d at the longest settings (14d in the queue, 14d in its dead-letter queue');
  expect(readdirSync(folder)).toEqual([]);
});

test('--json says the same to programs, and a consumer can be chosen', () => {
  const { status, stdout } = explain('holds', 'payments', '--json');
  expect(status).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    holds: true,
    explanations: [
      {
        consumer: 'payments',
        topic: 'orders',
        guarantee: 'exactly-once',
        way: 'in the transaction',
        holds: true,
        route: { service: 'shop', store: 'sqlite', transport: { name: 'broker', service: 'Amazon SQS FIFO', relayed: true }, onward: [{ topic: 'receipts', consumers: ['mail'] }] },
        horizon: { comesAgainMs: 42 * 86_400_000, recordsKeptMs: 30 * 86_400_000 },
        steps: [{ at: 'producer' }, { at: 'transport' }, { at: 'consumer' }, { at: 'effect' }, { at: 'onward' }],
        assumptions: expect.arrayContaining([{ says: expect.stringContaining('asked twice about the same data'), source: 'docs/publishing.md' }]),
        refusals: [],
      },
    ],
  });
});

test('--mermaid draws it', () => {
  const { status, stdout } = explain('holds', '--mermaid');
  expect(status).toBe(0);
  expect(stdout).toMatch(/^flowchart LR\n/);
  expect(stdout).toContain('topic_orders -->|"outbox, relay"| transport_Amazon_32_SQS_32_FIFO');
  expect(stdout).toContain('transport_Amazon_32_SQS_32_FIFO -->|"delivers, again: 42d"| consumer_payments');
  expect(stdout).toContain('topic_receipts -->|"local"| consumer_mail');
});

test.each([
  ['trap 12: records that do not outlive redelivery and dead-letter queue', 'short-window', 'window-too-short', /1296000000/, 'Raise the retention'],
  [
    'a deadline that ends while the handler may still run',
    'short-deadline',
    'deadline-too-short',
    /takes a delivery back after 30m.*Set timeoutMs to at most 1800000/,
    'Lower `timeoutMs`',
  ],
  ['an id that is minted anew each time', 'minted-id', 'identity-unstable', /gave two ids for the same data/, 'Make the id from the business event'],
])('refuses %s, and says what mends it', (_what, app, code, says, mend) => {
  const { status, stdout } = explain(app);
  const words = stdout.replaceAll(/\s+/g, ' ');
  expect(status).toBe(1);
  expect(stdout).toMatch(/^payments: exactly-once, in the transaction: REFUSED\n/);
  expect(words).toContain(`[${code}] consumer payments`);
  expect(words).toMatch(says);
  expect(words).toContain(`→ ${mend}`);
});

test('refuses guarantees that the parts cannot carry', () => {
  const { status, stdout } = explain('cannot-carry', '--json');
  const { explanations } = JSON.parse(stdout) as {
    readonly explanations: readonly { readonly consumer: string; readonly refusals: readonly { readonly code: string; readonly says: string }[] }[];
  };
  expect(status).toBe(1);
  const found = explanations.map(({ consumer, refusals }) => [consumer, ...refusals.map(({ code, says }) => `${code}: ${says}`)].join(' | '));
  expect(found).toEqual([
    expect.stringMatching(/^payments \| capability-missing: .*each once at most/),
    expect.stringMatching(/^ledger \| capability-missing: .*an order by key.* \| capability-missing: .*each once at most/),
    expect.stringMatching(/^mail \| capability-missing: .*can publish only/),
  ]);
});

test.each([
  ['nothing', /exports nothing that createSemel returned/],
  ['broken', /cannot be imported: DATABASE_URL is not set/],
  ['missing', /cannot be imported: Cannot find module/],
])('an application that cannot be explained: %s', (app, says) => {
  const { status, stdout, stderr } = explain(app);
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  expect(stderr).toMatch(says);
  expect(stderr).toContain('[app-unusable]\nName a module that exports what the message asks for');
});

test('an unknown consumer is told those that there are', () => {
  const { status, stderr } = explain('holds', 'paymants');
  expect(status).toBe(1);
  expect(stderr).toMatch(/has no consumer paymants; it declares payments, mail, metrics \[unknown-consumer\]/);
});

test("the demo's service holds", () => {
  const { status, stdout, stderr } = explain(DEMO);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout).toMatch(/^charge: exactly-once, in the transaction: holds\n/);
  expect(stdout.replaceAll(/\s+/g, ' ')).toContain("The demo's broker brings a message again, however late, until it is settled.");
});
