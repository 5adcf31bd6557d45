import { type Comparison, measureOf, type OpenContender, type Ratio } from '../measure.ts';
import type { Effects } from '../postgres/effects.ts';
import { WARM_UP } from '../processes/latency.ts';
import { EACH_ONCE, inProcesses, lasting, type ProcessContender } from '../processes/process-contender.ts';
import { plain, rateOver } from '../ratios.ts';
import type { Suite } from './suite.ts';

/** Contenders of a kind: the program, about how many messages it handles in a second, what it is told, and what else is special about it. */
function contenders(folder: string, keeper: ProcessContender['keeper']) {
  return (program: string, perSecond: number, options: object = {}, special: Partial<ProcessContender> = {}): OpenContender =>
    inProcesses({ program: `${folder}/${program}.ts`, options, count: lasting(perSecond), keeper, effects: EACH_ONCE, ...special });
}

const byHand = contenders('postgres/by-hand', 'hand');
const peer = contenders('peers', 'hand');
const semel = contenders('postgres/semel', 'semel');

const GRAPHILE_DEFAULT = { measure: 'rate', statements: 'five', concurrency: 8 };
const GRAPHILE_BEST = { measure: 'rate', statements: 'five', concurrency: 24, localQueue: 500 };

const GROUPS = { handling: 'groups', concurrency: 4 };
const CONCURRENT = { handling: 'concurrent', concurrency: 4 };
const SET = { handling: 'set', concurrency: 4 };

const throughput: Comparison = {
  contenders: {
    limit: byHand('limit', 60_000),
    'yardstick groups': byHand('groups', 20_000, { handler: 'messages', connections: 4 }),
    'yardstick set': byHand('groups', 40_000, { handler: 'set', connections: 8 }),
    'yardstick x1': byHand('single', 5_000),
    'graphile-worker': peer('graphile-worker', 2_500, GRAPHILE_DEFAULT),
    'graphile-worker best': peer('graphile-worker', 4_000, GRAPHILE_BEST),
    'graphile-worker one statement': peer('graphile-worker', 7_000, { ...GRAPHILE_BEST, statements: 'one' }),
    'pg-boss': peer('pg-boss', 4_000, { mode: 'five' }),
    'pg-boss transactional': peer('pg-boss', 6_000, { mode: 'transactional' }),
    'pg-boss fetch': peer('pg-boss', 15_000, { mode: 'fetch' }),
    BullMQ: peer('bullmq', 2_500, { measure: 'rate' }, { broker: 'redis' }),
    DBOS: peer('dbos', 500),
    Emmett: peer('emmett', 2_000),
    'semel groups': semel('queue', 15_000, GROUPS),
    'semel concurrent': semel('queue', 20_000, CONCURRENT),
    'semel set': semel('queue', 30_000, SET),
    'semel set source': semel('source', 40_000, SET),
    'semel x1': semel('queue', 4_000, { handling: 'x1', concurrency: 8 }),
  },
  ratios: [
    rateOver(
      'postgres/1a/graphile',
      'semel groups',
      'graphile-worker best',
      'groups, handlers one after another, over graphile-worker with 24 at once and a local queue of 500',
      4,
    ),
    rateOver('postgres/1a/pg-boss', 'semel groups', 'pg-boss transactional', 'the same over pg-boss with a statement for each message in transactional batches', 3),
    rateOver('postgres/1a/limit', 'semel groups', 'limit', 'the same over the limit', 0.28),
    rateOver('postgres/1b/graphile', 'semel concurrent', 'graphile-worker best', 'groups, handlers at once, over graphile-worker with 24 at once and a local queue of 500', 6),
    rateOver('postgres/1b/pg-boss', 'semel concurrent', 'pg-boss transactional', 'the same over pg-boss with a statement for each message in transactional batches', 3.5),
    rateOver('postgres/1b/limit', 'semel concurrent', 'limit', 'the same over the limit', 0.4),
    rateOver('postgres/2/pg-boss', 'semel set', 'pg-boss fetch', 'a set handler on a local topic over pg-boss with fetch, one statement and complete in a transaction', 2),
    rateOver('postgres/2/limit', 'semel set', 'limit', 'the same over the limit', 0.55),
    rateOver('postgres/2/source', 'semel set source', 'limit', 'a set handler on messages from memory over the limit', 0.9),
    rateOver('postgres/3/graphile', 'semel x1', 'graphile-worker', 'a transaction for each message over graphile-worker with 8 at once', 2),
    rateOver('postgres/3/pg-boss', 'semel x1', 'pg-boss', 'the same over pg-boss with a transaction for each message', 1.2),
    rateOver('postgres/3/bullmq', 'semel x1', 'BullMQ', 'the same over BullMQ with 8 at once', 1.5),
    memoryOver('postgres/8/memory', 'semel groups', 'yardstick groups', 'groups, peak memory in MB less that of the yardstick', 25),
    rateOver('postgres/1a/graphile-one-statement', 'semel groups', 'graphile-worker one statement', 'groups over graphile-worker at its best, whose handler is one statement'),
    rateOver('postgres/1a/dbos', 'semel groups', 'DBOS', 'groups over DBOS'),
    rateOver('postgres/1a/emmett', 'semel groups', 'Emmett', 'groups over Emmett'),
    rateOver('postgres/1b/yardstick', 'semel concurrent', 'yardstick groups', 'groups, handlers at once, over the yardstick'),
    rateOver('postgres/2/yardstick', 'semel set', 'yardstick set', 'a set handler on a local topic over the yardstick'),
    rateOver('postgres/3/yardstick', 'semel x1', 'yardstick x1', 'a transaction for each message over the yardstick'),
    rateOver('postgres/3/graphile-best', 'semel x1', 'graphile-worker best', 'the same over graphile-worker with 24 at once and a local queue of 500'),
    memoryOver('postgres/8/memory-concurrent', 'semel concurrent', 'yardstick groups', 'groups, handlers at once, peak memory in MB less that of the yardstick'),
    memoryOver('postgres/8/memory-set', 'semel set', 'yardstick set', 'a set handler, peak memory in MB less that of the yardstick'),
  ],
};

function memoryOver(id: string, of: string, to: string, title: string, goal?: number): Ratio {
  return { id, title, goal, better: 'lower', of: [of, to], value: (round) => measureOf(round, of, 'peakMb') - measureOf(round, to, 'peakMb') };
}

const slowFlush: Comparison = {
  contenders: {
    'slow yardstick groups': byHand('groups', 15_000, { handler: 'messages', connections: 4 }, { slow: true }),
    'slow graphile-worker': peer('graphile-worker', 1_200, GRAPHILE_DEFAULT, { slow: true }),
    'slow graphile-worker best': peer('graphile-worker', 2_500, GRAPHILE_BEST, { slow: true }),
    'slow semel groups': semel('queue', 15_000, GROUPS, { slow: true }),
  },
  ratios: [
    rateOver('postgres/4/graphile', 'slow semel groups', 'slow graphile-worker', 'groups over graphile-worker with 8 at once, where a flush takes a millisecond more', 15),
    rateOver('postgres/4/graphile-best', 'slow semel groups', 'slow graphile-worker best', 'the same over graphile-worker with 24 at once and a local queue of 500'),
    rateOver('postgres/4/yardstick', 'slow semel groups', 'slow yardstick groups', 'the same over the yardstick'),
  ],
};

/** Two and a half times as long as the others run: the 99th percentile wants many. */
const aHundredPerSecond = { count: (ms: number) => WARM_UP + lasting(250)(ms) };

const latency: Comparison = {
  contenders: {
    'latency of the yardstick': byHand('latency', 0, {}, aHundredPerSecond),
    'latency of graphile-worker': peer('graphile-worker', 0, { ...GRAPHILE_DEFAULT, measure: 'latency' }, aHundredPerSecond),
    'latency of pg-boss': peer('pg-boss', 0, { mode: 'latency' }, aHundredPerSecond),
    'latency of BullMQ': peer('bullmq', 0, { measure: 'latency' }, { ...aHundredPerSecond, broker: 'redis' }),
    'latency of semel': semel('latency', 0, {}, aHundredPerSecond),
  },
  ratios: [
    plain('postgres/5/p50', 'latency of semel', 'p50Ms', 'milliseconds from commit to handler at 100 messages a second, median', 2),
    {
      id: 'postgres/5/p99',
      title: "the 99th percentile of the same over graphile-worker's",
      goal: 0.7,
      better: 'lower',
      of: ['latency of semel', 'latency of graphile-worker'],
      value: (round) => measureOf(round, 'latency of semel', 'p99Ms') / measureOf(round, 'latency of graphile-worker', 'p99Ms'),
    },
  ],
};

const NOTHING: Effects = { handled: 0, payments: 0, distinct: 0, outbox: 0 };

/** A message that is relayed leaves the outbox. */
const RELAYED: Effects = { ...NOTHING, outbox: -1 };

const relay: Comparison = {
  contenders: {
    'raw relay': byHand('relay', 100_000, {}, { effects: RELAYED }),
    'semel relay': semel('relay', 60_000, {}, { effects: RELAYED }),
    'consumer beside the relay': semel('queue', 15_000, GROUPS),
  },
  ratios: [
    rateOver('postgres/6/raw', 'semel relay', 'raw relay', 'the relay over deleting and reading a thousand rows at a time', 0.8),
    rateOver('postgres/6/consumer', 'semel relay', 'consumer beside the relay', 'the relay over a consumer with groups', 2),
  ],
};

function inbox(quick: boolean): Comparison {
  const records = quick ? 200_000 : 5_000_000;
  const rows = `${records.toLocaleString('en')} records`;
  const full = { next: 1 };
  return {
    contenders: {
      'raw duplicates': byHand('limit', 100_000, { duplicates: true }, { effects: NOTHING }),
      'semel duplicates': semel('source', 80_000, { ...GROUPS, duplicates: true }, { effects: NOTHING }),
      'empty inbox': semel('source', 20_000, CONCURRENT),
      'full inbox': semel('source', 20_000, { ...CONCURRENT, records }, { keep: full }),
      'empty inbox, random ids': semel('source', 20_000, { ...CONCURRENT, scattered: true }),
      'full inbox, random ids': semel('source', 20_000, { ...CONCURRENT, records, scattered: true }, { keep: full }),
    },
    ratios: [
      plain('postgres/7/wal', 'semel duplicates', 'walBytes', 'bytes of log that a duplicate writes', 0.5),
      rateOver('postgres/7/raw', 'semel duplicates', 'raw duplicates', 'duplicates from memory over the same by hand', 0.8),
      rateOver('postgres/7/inbox-5m', 'full inbox', 'empty inbox', `groups on messages from memory with ${rows} in the inbox over an empty one`, 0.7),
      rateOver('postgres/7/inbox-5m-random', 'full inbox, random ids', 'empty inbox, random ids', 'the same with random ids', 0.7),
    ],
  };
}

/** What `npm run bench -- postgres` measures. */
export const postgresSuite: Suite = {
  full: { rounds: 3, ms: 4000, warmUpMs: 1000, patienceMs: 20_000 },
  quick: { rounds: 1, ms: 500, warmUpMs: 0, patienceMs: 0 },
  comparisons: (quick) => [throughput, slowFlush, latency, relay, inbox(quick)],
};
