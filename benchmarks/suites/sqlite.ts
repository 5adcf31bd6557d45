import type { Backlog } from '../backlog.ts';
import { fillInbox, fillScatteredInbox } from '../fill.ts';
import { type Comparison, measureOf, type Ratio } from '../measure.ts';
import { keyedReceipts, nextDeliveries, scatteredDeliveries } from '../messages.ts';
import { rateOver } from '../ratios.ts';
import { leanTables, rawInserts, sameTables } from '../raw/raw-inserts.ts';
import { rawLocal } from '../raw/raw-local.ts';
import { emptyHandler } from '../semel/memory-overhead.ts';
import { asSet, perMessage, semelInserts } from '../semel/semel-inserts.ts';
import { semelLocal } from '../semel/semel-local.ts';
import type { Suite } from './suite.ts';

const grouped = perMessage({ group: true });

const oneByOne: Comparison = {
  contenders: { 'raw x1': rawInserts(1, sameTables), 'semel x1': semelInserts(perMessage({ group: false })), 'lean x1': rawInserts(1, leanTables) },
  ratios: [
    rateOver('sqlite/per-message-x1', 'semel x1', 'raw x1', 'three inserts, a transaction each, over the same by hand', 0.85),
    rateOver('sqlite/per-message-x1-lean', 'semel x1', 'lean x1', 'the same over the least that an inbox and an outbox can be'),
  ],
};

const byHundreds: Comparison = {
  contenders: {
    'raw x100': rawInserts(100, sameTables),
    'semel x100': semelInserts(grouped),
    'semel set x100': semelInserts(asSet),
    'semel keyed x100': semelInserts(perMessage({ group: true, into: keyedReceipts })),
    'lean x100': rawInserts(100, leanTables),
  },
  ratios: [
    rateOver('sqlite/group-x100', 'semel x100', 'raw x100', 'three inserts, a transaction for 100, a handler for each message, over the same by hand', 0.8),
    rateOver('sqlite/set-x100', 'semel set x100', 'raw x100', 'the same with one handler for the 100', 0.9),
    rateOver('sqlite/group-x100-keyed', 'semel keyed x100', 'semel x100', 'publishing with a key over publishing without'),
    rateOver('sqlite/group-x100-lean', 'semel x100', 'lean x100', 'a transaction for 100 over the least that an inbox and an outbox can be'),
  ],
};

const MILLION = 1_000_000;
const long: Omit<Backlog, 'name'> = { size: MILLION, keep: true, warmUp: 20_000, section: 20_000, refill: false, most: 60_000 };

const local: Comparison = {
  contenders: { 'raw local': rawLocal({ ...long, name: 'raw-local' }), 'semel local': semelLocal({ ...long, name: 'semel-local' }) },
  ratios: [rateOver('sqlite/local-group', 'semel local', 'raw local', 'one insert for each message of a local topic, in groups of 100, over the same statements by hand', 0.9)],
};

const backlog: Comparison = {
  contenders: {
    'backlog 1k': semelLocal({ name: 'backlog-1k', size: 1000, keep: false, warmUp: 10_000, section: 1000, refill: true, most: 60_000 }),
    'backlog 1m': semelLocal({ ...long, name: 'backlog-1m', section: 1000 }),
  },
  ratios: [rateOver('sqlite/backlog-1m', 'backlog 1m', 'backlog 1k', 'handling with a million messages waiting over handling with a thousand', 0.8)],
};

const inbox: Comparison = {
  contenders: {
    'inbox 1k': semelInserts(grouped, { name: 'inbox-1k', keep: false, fill: (path) => fillInbox(path, 1000), make: nextDeliveries }),
    'inbox 1m': semelInserts(grouped, { name: 'inbox-1m', keep: true, fill: (path) => fillInbox(path, MILLION), make: nextDeliveries }),
    'random inbox 1k': semelInserts(grouped, { name: 'random-1k', keep: false, fill: (path) => fillScatteredInbox(path, 1000), make: scatteredDeliveries }),
    'random inbox 1m': semelInserts(grouped, { name: 'random-1m', keep: true, fill: (path) => fillScatteredInbox(path, MILLION), make: scatteredDeliveries }),
  },
  ratios: [
    rateOver('sqlite/inbox-1m', 'inbox 1m', 'inbox 1k', 'a million records over a thousand, with ids that ascend', 0.8),
    rateOver('sqlite/inbox-1m-random', 'random inbox 1m', 'random inbox 1k', 'the same with random ids'),
  ],
};

const memory: Comparison = {
  contenders: { 'memory x100': emptyHandler({ group: true }), 'memory x1': emptyHandler({ group: false }) },
  ratios: [
    perMessageUs('memory/overhead-us', 'memory x100', 'microseconds per message with an empty handler over the store in memory, in groups of 100', 20),
    perMessageUs('memory/overhead-us-x1', 'memory x1', 'the same with a transaction each'),
  ],
};

function perMessageUs(id: string, of: string, title: string, goal?: number): Ratio {
  return { id, title, goal, better: 'lower', of: [of], value: (round) => 1e6 / measureOf(round, of, 'rate') };
}

/** What `npm run bench -- sqlite` measures. */
export const sqliteSuite: Suite = {
  full: { rounds: 7, ms: 1500, warmUpMs: 1500, patienceMs: 0 },
  quick: { rounds: 3, ms: 300, warmUpMs: 300, patienceMs: 0 },
  comparisons: () => [oneByOne, byHundreds, local, inbox, backlog, memory],
};
