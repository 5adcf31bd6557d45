import type { Mutant } from '../mutant.ts';
import { SRC, testsOf } from './where.ts';

const STORE = `${SRC}/stores/kafka`;
const KAFKAJS = `${SRC}/transports/kafka/kafkajs`;
const SESSION = testsOf(`${STORE}/kafka-session.test.ts`);
const LEDGER = testsOf(`${STORE}/group-ledger.test.ts`);
const PRODUCER = testsOf(`${KAFKAJS}/kafkajs-transactional-producer.test.ts`);
const REQUESTS = testsOf(`${KAFKAJS}/group-offset-requests.test.ts`);

/** Bugs of the store whose transactions are Kafka's. */
export const KAFKA_TRANSACTION_MUTANTS: readonly Mutant[] = [
  {
    id: 'kafka-relay-lost-end',
    trap: '25: a transaction whose end had no answer is taken for published',
    file: `${SRC}/transports/kafka/transactional-sender.ts`,
    from: "if (end.kind === 'committed') return",
    to: "if (end.kind !== 'aborted') return",
    tests: testsOf(`${SRC}/transports/kafka/transactional-sender.test.ts`),
  },
  {
    id: 'kafka-store-offsets-beside',
    trap: '29: the offsets are sent beside the transaction: who dies in between has it done again, or never',
    file: `${STORE}/kafka-session.ts`,
    from: 'const end = await producer.commit({ batches: this.#records.batches(this.#parts.maxBytes()), offsets });',
    to: 'const end = await producer.commit({ batches: this.#records.batches(this.#parts.maxBytes()), offsets: undefined });',
    tests: SESSION,
  },
  {
    id: 'kafka-store-without-generation',
    trap: '29: the offsets of a zombie are taken, for they do not say of which generation they are',
    file: `${KAFKAJS}/group-offset-requests.ts`,
    from: 'writer.int32(place.generation).compactText(place.memberId)',
    to: "writer.int32(-1).compactText('')",
    tests: REQUESTS,
  },
  {
    id: 'kafka-store-newest-generation',
    trap: '29: what was begun in one generation is sent under the next',
    file: `${STORE}/group-ledger.ts`,
    from: 'return { place: (held[0] as Held).record.place,',
    to: 'return { place: this.#current.record.place,',
    tests: SESSION,
  },
  {
    id: 'kafka-store-reads-unstable',
    trap: '29: the offsets are read while a predecessor’s transaction is open, and it commits afterwards',
    file: `${KAFKAJS}/group-offset-requests.ts`,
    from: '.int8(STABLE)',
    to: '.int8(0 * STABLE)',
    tests: REQUESTS,
  },
  {
    id: 'kafka-reads-uncommitted',
    trap: '29: records of open and of aborted transactions are consumed',
    file: `${KAFKAJS}/partition-fetcher.ts`,
    from: 'const READ_COMMITTED = 1;',
    to: 'const READ_COMMITTED = 0;',
    tests: testsOf(`${KAFKAJS}/group-member.test.ts`),
  },
  {
    id: 'kafka-store-remembers-uncommitted',
    trap: '29: a total that was aborted is added to',
    file: `${KAFKAJS}/partition-scan.ts`,
    from: 'const READ_COMMITTED = 1;',
    to: 'const READ_COMMITTED = 0;',
    tests: testsOf(`${KAFKAJS}/partition-scan.test.ts`),
  },
  {
    id: 'kafka-store-remembers-too-little',
    trap: '29: what a predecessor has committed is not marked yet, and is missing from the totals (KAFKA-10167)',
    file: `${KAFKAJS}/partition-scan.ts`,
    from: 'const READ_UNCOMMITTED = 0;',
    to: 'const READ_UNCOMMITTED = 1;',
    tests: testsOf(`${KAFKAJS}/partition-scan.test.ts`),
  },
  {
    id: 'kafka-store-remembers-undone',
    trap: '29: a transaction that came to nothing is remembered',
    file: `${STORE}/group-ledger.ts`,
    from: 'return this.#held.get(name)?.inDoubt === false;',
    to: 'return this.#epoch > 1;',
    tests: LEDGER,
  },
  {
    id: 'kafka-store-producer-kept',
    trap: '29: after a lost reply the same producer goes on, and a late EndTxn ends its next transaction (KIP-890)',
    file: `${STORE}/kafka-session.ts`,
    from: '    this.#parts.producers.broke(producer);\n',
    to: '',
    tests: SESSION,
  },
  {
    id: 'kafka-store-doubt-ignored',
    trap: '50: a partition goes on although nobody knows whether it has moved',
    file: `${STORE}/kafka-session.ts`,
    from: '    ledger?.doubt(moves, true);\n',
    to: '',
    tests: SESSION,
  },
  {
    id: 'kafka-store-fence-is-an-abort',
    trap: '50: a transaction that may have committed is taken for aborted, for its producer is fenced by now',
    file: `${KAFKAJS}/kafkajs-transactional-producer.ts`,
    from: 'return isFenced(error) && asked === 1 ?',
    to: 'return isFenced(error) ?',
    tests: PRODUCER,
  },
  {
    id: 'kafka-store-writes-before-the-fence',
    trap: '29: a zombie writes before it is told that it is one',
    file: `${KAFKAJS}/kafkajs-transactional-producer.ts`,
    from: '      if (offsets !== undefined) await this.#sendOffsets(offsets);\n      for (const round of roundsOf(batches)) await this.#produce(round);\n',
    to: '      for (const round of roundsOf(batches)) await this.#produce(round);\n      if (offsets !== undefined) await this.#sendOffsets(offsets);\n',
    tests: PRODUCER,
  },
  {
    id: 'kafka-store-left-open',
    trap: '29: an aborted transaction is left open, and holds up who reads committed records',
    file: `${KAFKAJS}/kafkajs-transactional-producer.ts`,
    from: '      await this.#end(false).catch(() => {}); // the next producer ends it where this one cannot\n',
    to: '',
    tests: PRODUCER,
  },
  {
    id: 'kafka-store-takes-anothers',
    trap: '29: a late read of the position takes over what the group has given to another, and sets it back',
    file: `${STORE}/group-ledger.ts`,
    from: 'const names = partitions.filter((name) => generation.numbers.has(numberOf(name)));',
    to: 'const names = partitions;',
    tests: LEDGER,
  },
  {
    id: 'kafka-store-tries-forgotten',
    trap: '41: a message that fails is tried in place for ever',
    file: `${STORE}/group-ledger.ts`,
    from: 'ends.set(receipt.partition, { to, failures: entry.settlement.counted ? delivery.attempt : delivery.attempt - 1 });',
    to: 'ends.set(receipt.partition, { to, failures: 0 });',
    tests: SESSION,
  },
  {
    id: 'kafka-store-dead-letter-lost',
    trap: '41: a message that gave up is passed, and is in no topic',
    file: `${STORE}/kafka-session.ts`,
    from: '      this.#records.add(await this.#place(options.deadLetterTopic, record));\n',
    to: '      await this.#place(options.deadLetterTopic, record);\n',
    tests: SESSION,
  },
];
