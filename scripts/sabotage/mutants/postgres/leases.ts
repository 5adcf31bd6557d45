// biome-ignore-all lint/suspicious/noTemplateCurlyInString: pieces of sources, in which it stands.
import type { Mutant } from '../../mutant.ts';
import { onPostgres, POSTGRES, postgresSuite } from '../where.ts';

const LEASES = postgresSuite('leases');
const SUSPECTS = postgresSuite('suspects');
const ORDER = postgresSuite('order: (?!handles each)');

/** Bugs of the queue on Postgres and of who works on it: whose a message is, and how often it was tried. */
export const POSTGRES_LEASE_MUTANTS: readonly Mutant[] = [
  {
    id: 'pg-fence-not-checked',
    trap: '11: who outlived the lease commits what is another’s by now',
    file: `${POSTGRES}/inspect.ts`,
    from: 'g.fence is not null and (g.fence, g.seq) not in',
    to: 'g.fence is null and (g.fence, g.seq) not in',
    tests: LEASES,
  },
  {
    id: 'pg-fence-of-the-lease-alone',
    trap: '11: what was given back out of a lease is still its former owner’s to commit',
    file: `${POSTGRES}/inspect.ts`,
    from: '(g.fence, g.seq) not in (select lease_id, seq from leased)',
    to: 'g.fence not in (select lease_id from leased)',
    tests: LEASES,
  },
  {
    id: 'pg-lease-not-locked',
    trap: '11, 51: a lease runs out under its owner’s open transaction, and its messages are handed out as suspects',
    file: `${POSTGRES}/inspect.ts`,
    from: '(select "subscriptionId" from subscription) for update',
    to: '(select "subscriptionId" from subscription)',
    tests: onPostgres('open-owner'),
  },
  {
    id: 'pg-zombie-releases',
    trap: '11: who outlived the lease ends its successor’s',
    file: `${POSTGRES}/queue-rows.ts`,
    from: 'select unnest($2::bigint[])) where lease_id = $1',
    to: 'select unnest($2::bigint[])) where $1::bigint is not null',
    tests: LEASES,
  },
  {
    id: 'pg-zombie-extends',
    trap: '11, 25: who outlived the lease is told that it holds',
    file: `${POSTGRES}/queue.ts`,
    from: '!kept.has(`${fence}/${item}`)',
    to: '!kept.has(`${fence}/${item}`) && item < 0',
    tests: LEASES,
  },
  {
    id: 'pg-settled-stays-leased',
    trap: '19: after a lost reply a failure is settled once more, although its message waits for its retry',
    file: `${POSTGRES}/settle.ts`,
    from: '    this.#leaving.push(receipt);\n    expect(',
    to: '    expect(',
    tests: LEASES,
  },
  {
    id: 'pg-clock-of-the-process',
    trap: '35: leases and windows go by the clock of whichever process asks',
    file: `${POSTGRES}/sql.ts`,
    from: 'this.#clock = clock;',
    to: 'this.#clock = clock ?? (() => String(Date.now()));',
    tests: onPostgres('clock'),
  },
  {
    id: 'pg-crash-not-counted',
    trap: '33: what ends its process is never counted, and ends it for ever',
    file: `${POSTGRES}/queue.ts`,
    from: 'counted as (update {s}.queue set attempts = attempts + 1',
    to: 'counted as (update {s}.queue set attempts = attempts',
    tests: SUSPECTS,
  },
  {
    id: 'pg-crash-counted-for-the-batch',
    trap: '51: the neighbours of what ends the process are charged with it, and buried in the end',
    file: `${POSTGRES}/queue.ts`,
    from: ') update {s}.queue set lane = ${LANES.suspect} where',
    to: ') update {s}.queue set attempts = attempts + 1, lane = ${LANES.suspect} where',
    tests: SUSPECTS,
  },
  {
    id: 'pg-suspects-at-once',
    trap: '51: two that may have ended the process are handed out together',
    file: `${POSTGRES}/queue.ts`,
    from: 'and ${SUSPECT} order by q.seq limit 1),\n  counted',
    to: 'and ${SUSPECT} order by q.seq limit 2),\n  counted',
    tests: SUSPECTS,
  },
  {
    id: 'pg-suspect-with-others',
    trap: '51: what may have ended the process is handed out among others',
    file: `${POSTGRES}/queue.ts`,
    from: 'where not exists (select 1 from suspect) and ${READY}',
    to: 'where ${READY}',
    tests: SUSPECTS,
  },
  {
    id: 'pg-keys-without-order',
    trap: '4: two workers hold messages of one key at once',
    file: `${POSTGRES}/stage.ts`,
    from: 'case when s.ordered then m.key end from ${messages}',
    to: 'case when not s.ordered then m.key end from ${messages}',
    tests: ORDER,
  },
  {
    id: 'pg-key-in-flight-not-kept',
    trap: '4: while one worker has the head of a key another is handed what follows',
    file: `${POSTGRES}/queue.ts`,
    from: 'select unnest(keys) as key from {s}.leases where',
    to: 'select unnest(keys) as key from {s}.leases where lease_id < 0 and',
    tests: ORDER,
  },
  {
    id: 'pg-key-outrun-in-retry',
    trap: '4: what follows a message of its key runs while that waits for its retry',
    file: `${POSTGRES}/queue.ts`,
    from: "any('{${LANES.later},${LANES.held}}')",
    to: "any('{${LANES.held}}')",
    tests: ORDER,
  },
  {
    id: 'pg-key-outruns-suspect',
    trap: '4, 51: what follows a suspect of its key runs before it',
    file: `${POSTGRES}/queue.ts`,
    from: 'a.key = q.key and a.seq < q.seq',
    to: 'a.key = q.key and a.seq > q.seq',
    tests: ORDER,
  },
  {
    id: 'pg-parked-where-another-parked',
    trap: '2: what one consumer parks of a key stands in the order in which another has parked it',
    file: `${POSTGRES}/queue-rows.ts`,
    from: 'true, ${NEXT_NUMBER}\n',
    to: 'true, $2::bigint\n',
    tests: postgresSuite('delays: trap 2'),
  },
];
