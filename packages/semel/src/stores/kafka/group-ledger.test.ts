import { beforeEach, expect, test } from 'vitest';
import { textOfNote } from './partition-note.ts';
import { Bench, PARTITION } from './played-kafka-fixture.ts';

let bench: Bench;
beforeEach(() => {
  bench = new Bench();
});

const IN_HAND = textOfNote({ inHand: true, crashes: 0, failures: 0 });
const GIVEN_UP = textOfNote({ inHand: false, crashes: 0, failures: 0 });
const nothing = () => {};

test('a new partition begins where the subscription does, and is noted as in hand', async () => {
  expect(await bench.assigned()).toEqual({ attempt: 1 });
  expect(bench.kafka.offset).toEqual({ offset: 5n, note: IN_HAND });
});

test('trap 33: a death with something in hand counts, one with nothing does not; what this process has in hand itself it did not die of', async () => {
  bench.kafka.offset = { offset: 7n, note: textOfNote({ inHand: true, crashes: 1, failures: 0 }) };
  expect(await bench.assigned()).toEqual({ attempt: 2 });
  expect(await bench.acquired()).toEqual({ attempt: 2 });
  await bench.ledger.release([{ partition: PARTITION, epoch: bench.epoch }]);
  expect(bench.kafka.offset).toEqual({ offset: 7n, note: textOfNote({ inHand: false, crashes: 2, failures: 0 }) });
  expect(await new Bench().assigned()).toEqual({ attempt: 1 });
});

test('a partition that moves on has no deaths left', async () => {
  bench.kafka.offset = { offset: 7n, note: textOfNote({ inHand: true, crashes: 3, failures: 1 }) };
  await bench.assigned();
  await bench.handle(1, nothing);
  expect(bench.kafka.offset).toEqual({ offset: 8n, note: IN_HAND });
});

test('trap 29: only who holds a partition now gives it up', async () => {
  await bench.assigned();
  const earlier = bench.epoch;
  await bench.acquired();
  await bench.ledger.release([{ partition: PARTITION, epoch: earlier }]);
  expect(bench.kafka.offset?.note).toBe(IN_HAND);
  await bench.ledger.release([{ partition: PARTITION, epoch: bench.epoch }]);
  expect(bench.kafka.offset?.note).toBe(GIVEN_UP);
});

test('trap 29: a late write of an earlier generation sets nothing back', async () => {
  await bench.assigned();
  bench.kafka.generation = 2;
  bench.kafka.offset = { offset: 9n, note: '' };
  bench.ledger.enter([0], bench.kafka.reader());
  await bench.ledger.release([{ partition: PARTITION, epoch: bench.epoch }]);
  expect(bench.kafka.offset).toEqual({ offset: 9n, note: '' });
});

test('trap 29: what the new generation has given to others is not taken over, although its member could write to it', async () => {
  await bench.assigned();
  bench.kafka.generation = 2;
  bench.ledger.enter([], bench.kafka.reader());
  const before = bench.kafka.writes.length;
  expect(await bench.ledger.acquire([PARTITION])).toEqual([]);
  expect(bench.kafka.writes.slice(before).filter(Boolean)).toEqual([]);
});

test('trap 50: of a partition in doubt nothing is written until its position was asked for', async () => {
  await bench.assigned();
  bench.kafka.ends.push({ kind: 'unknown', error: new Error('cut') });
  await expect(bench.handle(1, nothing)).rejects.toThrow();
  const before = bench.kafka.writes.length;
  await bench.ledger.release([{ partition: PARTITION, epoch: bench.epoch }]);
  expect(bench.kafka.writes).toHaveLength(before);
  bench.kafka.offset = { offset: 6n, note: IN_HAND };
  expect(await bench.acquired()).toEqual({ attempt: 1 });
  expect(bench.kafka.offset.offset).toBe(6n);
});

test('the last messages are read anew where another may have had the partition, and only there', async () => {
  let scans = 0;
  const scan = bench.kafka.scan.bind(bench.kafka);
  bench.kafka.scan = () => {
    scans += 1;
    return scan();
  };
  await bench.assigned();
  await bench.acquired();
  expect(scans).toBe(1);
  bench.kafka.generation = 2;
  await bench.assigned();
  expect(scans).toBe(2);
});
