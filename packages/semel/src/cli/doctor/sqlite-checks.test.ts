import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Lifecycle } from '../../core/lifecycle.ts';
import { systemRuntime } from '../../core/runtime.ts';
import { sqlite } from '../../stores/sqlite/index.ts';
import type { Finding, Thresholds } from './finding.ts';
import { examineSqlite } from './sqlite-checks.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const nowMs = Date.UTC(2026, 0, 15);
const thresholds: Thresholds = { nowMs, maxAgeMs: HOUR_MS, goneMs: 7 * DAY_MS, maxIdleMs: 60_000, maxTransactionMs: HOUR_MS, inboxMs: 30 * DAY_MS, messagesMs: 7 * DAY_MS };

let folder: string;
let file: string;

/** Each test begins with a store in order, with one consumer. */
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'semel-doctor-'));
  file = join(folder, 'shop.db');
  const store = sqlite(file);
  await store.open({ runtime: { ...systemRuntime, clock: { now: () => nowMs } }, lifecycle: new Lifecycle() });
  await store.registry.join({ name: 'payments', kind: 'local', topic: 'orders', ordered: false }, { from: 'now' });
  await store.close();
});

afterEach(() => rmSync(folder, { recursive: true }));

function alter(sql: string): void {
  const database = new DatabaseSync(file);
  database.exec(sql);
  database.close();
}

function examined(changes: Partial<Thresholds> = {}): readonly Finding[] {
  return examineSqlite(file, { ...thresholds, ...changes });
}

function bad(changes?: Partial<Thresholds>): readonly Omit<Finding, 'todo'>[] {
  return examined(changes)
    .filter(({ level }) => level !== 'ok')
    .map(({ check, level, found }) => ({ check, level, found }));
}

const MESSAGE = (seq: number, atMs: number) =>
  `insert into semel_messages (seq, source, id, topic, type, time, headers, data, fingerprint, published_at_ms) values (${seq}, 'shop', 'A${seq}', 'orders', 'orders', '', '{}', '{}', '', ${atMs});`;

test('a store in order passes every check', () => {
  expect(examined().map(({ check, level }) => `${check} ${level}`)).toEqual(
    ['integrity', 'schema', 'journal-mode', 'log', 'disk', 'clock', 'leases', 'retention'].map((check) => `${check} ok`),
  );
});

test('a damaged file fails, and nothing else is asked of it', () => {
  alter(`${MESSAGE(1, nowMs)} update semel_messages set data = hex(zeroblob(40000))`);
  truncateSync(file, 40_960);
  const findings = examined();
  expect(findings).toEqual([{ check: 'integrity', level: 'fail', found: expect.stringMatching(/damaged/), todo: expect.stringContaining('backup') }]);
});

test('a file that is no database fails', () => {
  rmSync(file);
  writeFileSync(file, 'plain text, '.repeat(100));
  expect(bad()).toEqual([{ check: 'integrity', level: 'fail', found: expect.stringContaining('is not an SQLite database') }]);
});

test("a stranger's database fails without being touched", () => {
  rmSync(file);
  alter('create table notes (text)');
  expect(bad()).toEqual([{ check: 'schema', level: 'fail', found: "has none of Semel's tables" }]);
});

test('a pending step fails', () => {
  alter("delete from semel_schema where version = 1; insert into semel_schema values (0, 'before', '', 0, '0.0.1')");
  expect(bad()).toEqual([{ check: 'schema', level: 'fail', found: 'lacks step 1 (start)' }]);
});

test('a rollback journal fails', () => {
  alter('pragma journal_mode = delete');
  expect(bad()).toEqual([{ check: 'journal-mode', level: 'fail', found: 'delete: readers and writers stop each other' }]);
});

test('a log that cannot be reset is told by its size', () => {
  const open = new DatabaseSync(file); // keeps the log in place
  open.exec("update semel_subscriptions set topic = 'orders'");
  truncateSync(`${file}-wal`, 300 * 1024 * 1024);
  expect(bad()).toEqual([{ check: 'log', level: 'warn', found: '300 MiB: it cannot be reset' }]);
  open.close();
});

test('rows from the future are told, but not the usual difference between clocks', () => {
  expect(bad({ nowMs: nowMs - 30_000 })).toEqual([]);
  expect(bad({ nowMs: nowMs - 2 * HOUR_MS })).toEqual([{ check: 'clock', level: 'warn', found: 'the newest row was written 2h in the future' }]);
  alter(MESSAGE(1, nowMs + 3 * HOUR_MS));
  expect(bad()).toEqual([{ check: 'clock', level: 'warn', found: 'the newest row was written 3h in the future' }]);
});

test('a lease that ran out unnoticed is told, with its consumer', () => {
  alter(`${MESSAGE(1, nowMs)} insert into semel_queue (subscription_id, seq, due_at_ms, lease_until_ms) values (1, 1, ${nowMs}, ${nowMs - 30_000})`);
  expect(bad()).toEqual([]);
  expect(bad({ nowMs: nowMs + HOUR_MS })).toEqual([{ check: 'leases', level: 'warn', found: 'payments: 1 in flight, their lease ran out 1h ago' }]);
});

test('what outlived its retention is told after a day, unless somebody still waits for it', () => {
  alter(`
    update semel_subscriptions set taken_seq = 2;
    ${MESSAGE(1, nowMs)} ${MESSAGE(2, nowMs)} ${MESSAGE(3, nowMs)}
    insert into semel_queue (subscription_id, seq, due_at_ms) values (1, 2, ${nowMs});
    insert into semel_inbox (subscription_id, source, id, state, fingerprint, at_ms) values (1, 'shop', 'A1', 'done', '', ${nowMs})`);
  const later = (days: number) => bad({ nowMs: nowMs + days * DAY_MS });
  expect(later(8)).toEqual([]);
  expect(later(8.5)).toEqual([{ check: 'retention', level: 'warn', found: '1 message and 0 inbox records outlived it (messages 7d, inbox 30d) by more than a day' }]);
  expect(later(31.5)).toEqual([expect.objectContaining({ found: expect.stringContaining('1 message and 1 inbox record ') })]);
  expect(bad({ nowMs: nowMs + 32 * DAY_MS, inboxMs: 60 * DAY_MS, messagesMs: 60 * DAY_MS })).toEqual([]);
});

test('examining leaves no trace in the file', () => {
  const before = new DatabaseSync(file, { readOnly: true });
  const version = () => before.prepare('pragma data_version').get();
  const first = version();
  examined();
  expect(version()).toEqual(first);
  before.close();
});
