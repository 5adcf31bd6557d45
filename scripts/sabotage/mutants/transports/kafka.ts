import type { Mutant } from '../../mutant.ts';
import { CORE, SRC, testsOf } from '../where.ts';

const KAFKA = `${SRC}/transports/kafka`;
const PUBLISHER = testsOf(`${KAFKA}/kafka-publisher.test.ts`);
const SOURCE = testsOf(`${KAFKA}/kafka-source.test.ts`);
const MEMBER = testsOf(`${KAFKA}/kafkajs/group-member.test.ts`);
const RECORDS = testsOf(`${KAFKA}/kafkajs/committed-records.test.ts`);

/** Bugs of the Kafka transport, and of what all logs share. */
export const KAFKA_MUTANTS: readonly Mutant[] = [
  {
    id: 'kafka-numbers-used-again',
    trap: '29: after a lost reply the next batch gets the lost one’s sequence numbers, and the broker drops it as a repetition',
    file: `${KAFKA}/kafka-publisher.ts`,
    from: '    this.#producer.broke(producer);\n    void sending.finally(() => producer.close()).catch(() => {}); // it may be at it still\n',
    to: '',
    tests: PUBLISHER,
  },
  {
    id: 'kafka-key-goes-on',
    trap: '2: of a partition the next batch is sent although the one before it failed',
    file: `${KAFKA}/kafka-publisher.ts`,
    from: 'return failure === undefined && rest.length > 0;',
    to: 'return rest.length > 0;',
    tests: PUBLISHER,
  },
  {
    id: 'kafka-one-refused-refuses-all',
    trap: '27: one record that the broker never takes buries the whole batch',
    file: `${KAFKA}/kafka-publisher.ts`,
    from: 'if (!isFinal(result) || alone) settle(entries, result);',
    to: 'if (!isFinal(result) || alone || entries.length > 0) settle(entries, result);',
    tests: PUBLISHER,
  },
  {
    id: 'kafka-position-of-the-record',
    trap: '28: the position names the record and not what follows it, so that it is read again',
    file: `${KAFKA}/kafka-source.ts`,
    from: 'next: String(record.offset + 1n)',
    to: 'next: String(record.offset)',
    tests: SOURCE,
  },
  {
    id: 'kafka-topic-known-by-name',
    trap: '28: a topic that is made anew is read from where the old one was left, and its beginning is skipped',
    file: `${KAFKA}/kafka-source.ts`,
    from: '    const starts = await this.#starts(reader);\n',
    to: '    const starts = await this.#starts(reader);\n    topicId = this.#topic;\n',
    tests: SOURCE,
  },
  {
    id: 'kafka-offsets-of-another',
    trap: '29: the group is told offsets of partitions that were lost',
    file: `${KAFKA}/kafka-source.ts`,
    from: '    this.#offsets.forget(numbers);\n',
    to: '',
    tests: SOURCE,
  },
  {
    id: 'kafka-offsets-before-the-commit',
    trap: '24: the group is told what comes again',
    file: `${CORE}/log-feed.ts`,
    from: 'else if (!reading.stale) this.#source.passed?.(reading.partition, delivery.receipt.to);',
    to: "if (delivery.receipt.kind === 'position') this.#source.passed?.(reading.partition, delivery.receipt.to);",
    tests: SOURCE,
  },
  {
    id: 'kafka-gap-in-silence',
    trap: '28: records that were removed unread are passed over without a word',
    file: `${KAFKA}/kafka-source.ts`,
    from: 'this.trouble(positionGone(',
    to: 'void (positionGone(',
    tests: SOURCE,
  },
  {
    id: 'kafka-buffers-without-end',
    trap: '28: what is fetched and not handled fills the memory',
    file: `${KAFKA}/kafka-source.ts`,
    from: 'const paused = partition.held || isFull;',
    to: 'const paused = partition.held || (isFull && partition.bytes < 0);',
    tests: SOURCE,
  },
  {
    id: 'kafka-joins-before-it-drained',
    trap: '29: partitions go to another while their records are in hand',
    file: `${KAFKA}/kafkajs/group-member.ts`,
    from: 'else await this.#listener.revoked(partitions);',
    to: 'else void this.#listener.revoked(partitions);',
    tests: MEMBER,
  },
  {
    id: 'kafka-zombie-drains',
    trap: '29: one that the group went on without gives its partitions up as if they were its own',
    file: `${KAFKA}/kafkajs/group-member.ts`,
    from: "if (end === 'evicted' || end === 'topic-anew')",
    to: "if (end === 'topic-anew')",
    tests: MEMBER,
  },
  {
    id: 'kafka-offsets-without-generation',
    trap: '29: the offsets of a zombie set the group back',
    file: `${KAFKA}/kafkajs/group-member.ts`,
    from: 'await coordinator.offsetCommit({ groupId: this.#request.group, memberId, groupGenerationId: generation,',
    to: 'await coordinator.offsetCommit({ groupId: this.#request.group, memberId: memberId.slice(99), groupGenerationId: generation - generation - 1,',
    tests: MEMBER,
  },
  {
    id: 'kafka-overtaken-fetch-taken',
    trap: '28: what was fetched before a partition was set back is taken for what follows',
    file: `${KAFKA}/kafkajs/partition-fetcher.ts`,
    from: 'if (brought === undefined || !this.#isCurrent(reading) || this.#paused.has(reading.partition)) return;',
    to: 'if (brought === undefined || this.#paused.has(reading.partition)) return;',
    tests: MEMBER,
  },
  {
    id: 'kafka-aborted-records-leak',
    trap: '29: records of an aborted transaction come, where two were open at once',
    file: `${KAFKA}/kafkajs/committed-records.ts`,
    from: 'while (begins.length > 0 &&',
    to: 'if (begins.length > 0 &&',
    tests: RECORDS,
  },
  {
    id: 'kafka-aborted-by-their-ends',
    trap: '29: records of an aborted transaction come, where it ended after one that began later',
    file: `${KAFKA}/kafkajs/committed-records.ts`,
    from: '[...(abortedTransactions ?? [])].sort(byBegin)',
    to: '[...(abortedTransactions ?? [])]',
    tests: RECORDS,
  },
  {
    id: 'log-neighbour-blamed',
    trap: '33: where a record ends its process, the records that wait in other partitions are buried with it',
    file: `${CORE}/log-feed.ts`,
    from: '    if (suspicious.length > 0) await this.#options.released(suspicious); // nothing of theirs is in hand yet\n',
    to: '',
    tests: { files: ['packages/semel/test/suites.test.ts'], named: '^log: positions' },
  },
  {
    id: 'log-crash-not-counted',
    trap: '33: a record that ends its process does so for ever',
    file: `${CORE}/log-feed.ts`,
    from: 'const [acquired] = await this.#options.assigned([next.partition]);',
    to: 'const [acquired] = [next];',
    tests: { files: ['packages/semel/test/suites.test.ts'], named: '^log: positions' },
  },
];
