import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { DeliveryLog } from './delivery-log.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'semel-demo-log-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

it('counts deliveries, and payments once, of all who write, as they come', () => {
  const [worker, another, reader] = [new DeliveryLog(folder), new DeliveryLog(folder), new DeliveryLog(folder)];
  expect(reader.read()).toEqual({ total: 0, payments: 0 });
  worker.note('P1');
  another.note('P2');
  expect(reader.read()).toEqual({ total: 2, payments: 2 });
  another.note('P1');
  expect([reader.read(), reader.read()]).toEqual([
    { total: 3, payments: 2 },
    { total: 3, payments: 2 },
  ]);
});

it('counts a line once it is whole, and reads more than one chunk', () => {
  const log = new DeliveryLog(folder);
  appendFileSync(join(folder, 'deliveries'), 'P0');
  expect(log.read().total).toBe(0);
  appendFileSync(join(folder, 'deliveries'), Array.from({ length: 20_000 }, (_, number) => `${number}\n`).join(''));
  expect(log.read()).toEqual({ total: 20_000, payments: 20_000 });
});
