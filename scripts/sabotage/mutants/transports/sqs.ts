import type { Mutant } from '../../mutant.ts';
import { CORE, SRC, testsOf } from '../where.ts';

const AWS = `${SRC}/transports/aws`;
const SQS = `${AWS}/sqs`;
const SNS = `${AWS}/sns`;
const TRAPS = testsOf('packages/semel/test/sqs/sqs-traps.test.ts');
const PUBLISH = testsOf('packages/semel/test/sqs/sqs-publish.test.ts');
const FOOTING = testsOf('packages/semel/test/sqs/sqs-footing.test.ts');
const SIGNATURE = testsOf('packages/semel/test/sns/sns-signature.test.ts');
const ENVELOPES = testsOf(`${AWS}/envelopes.test.ts`);

/** Bugs of the SQS and SNS transports, and of what they share with others. */
export const SQS_MUTANTS: readonly Mutant[] = [
  {
    id: 'sqs-close-keeps',
    trap: '24: what was received and not begun stays hidden when its worker stops',
    file: `${SQS}/sqs-feed.ts`,
    from: '    await this.#return(waiting.map((held) => ({ held, afterMs: held.failures > 0 ? held.dueAtMs - this.#nowMs : 0 })));\n',
    to: '    void waiting;\n',
    tests: TRAPS,
  },
  {
    id: 'sqs-retry-deleted',
    trap: '24: a message whose handler failed is deleted',
    file: `${SQS}/sqs-feed.ts`,
    from: "} else if (disposition.kind === 'acknowledge') {",
    to: "} else if (disposition.kind === 'acknowledge' || (disposition.kind === 'again' && disposition.counted)) {",
    tests: TRAPS,
  },
  {
    id: 'sqs-twelve-hours-unheeded',
    trap: '25: after 12 hours SQS shows the message while its handler runs',
    file: `${SQS}/sqs-feed.ts`,
    from: 'await this.#prolong(held.filter(({ hiddenAtMostUntilMs }) => hiddenAtMostUntilMs - this.#nowMs >= leaseMs));',
    to: 'await this.#prolong(held);',
    tests: TRAPS,
  },
  {
    id: 'sqs-heartbeats-fail-silently',
    trap: '25: heartbeats fail, the message is hidden no longer, and its handler goes on',
    file: `${SQS}/sqs-feed.ts`,
    from: '(this.#hand.of(delivery)?.hiddenUntilMs ?? 0) - this.#nowMs < leaseMs / 2',
    to: 'this.#hand.of(delivery) === undefined',
    tests: TRAPS,
  },
  {
    id: 'sqs-redrive-not-counted-in',
    trap: '12 and 25: a redrive brings a message back after its record is gone',
    file: `${SQS}/sqs-footing.ts`,
    from: '(fifo ? retentionMs + dead.ms : Math.max(retentionMs, dead.ms)) + retentionMs;',
    to: 'Math.max(retentionMs, dead.ms);',
    tests: FOOTING,
  },
  {
    id: 'sqs-redrive-policy-not-read',
    trap: '41: the queue takes messages away before their retries are over',
    file: `${SQS}/sqs-footing.ts`,
    from: 'if (maxReceives !== undefined && maxReceives < attempts)',
    to: 'if (maxReceives !== undefined && maxReceives < 1)',
    tests: FOOTING,
  },
  {
    id: 'sqs-group-goes-on',
    trap: '26: what follows a failed message in its group is handed out before it',
    file: `${CORE}/hand.ts`,
    from: '      if (group !== undefined && (!out || hiddenUntilMs > nowMs)) blocked.add(group);\n',
    to: '      void hiddenUntilMs;\n',
    tests: TRAPS,
  },
  {
    id: 'sqs-followers-of-the-lost',
    trap: '26: what follows a message that is another’s by now is handed out before it',
    file: `${SQS}/sqs-feed.ts`,
    from: '      if (group !== undefined) lost.add(group);\n',
    to: '',
    tests: TRAPS,
  },
  {
    id: 'sqs-new-id-for-each-publish',
    trap: '26: a publish that is repeated within five minutes is another message',
    file: `${AWS}/aws-names.ts`,
    from: "return hash('sha256', identityKey(identity), 'hex');",
    to: "return hash('sha256', identityKey(identity) + Math.random(), 'hex');",
    tests: PUBLISH,
  },
  {
    id: 'sqs-two-of-a-key-in-a-batch',
    trap: '26 and 27: of two messages of a key in one request the first is refused, and the second taken',
    file: `${CORE}/batch-publisher.ts`,
    from: '      if (key !== undefined && passed.has(key)) return true;\n',
    to: '',
    tests: PUBLISH,
  },
  {
    id: 'sqs-key-goes-on',
    trap: '2 and 26: behind a message that was refused the next of its key is sent',
    file: `${CORE}/batch-publisher.ts`,
    from: 'this.#stopped.set(key, result.error);',
    to: 'void result.error;',
    tests: PUBLISH,
  },
  {
    id: 'batch-goes-on-behind-unready',
    trap: '2: behind a message that could not be made ready the next of its key is sent',
    file: `${CORE}/batch-publisher.ts`,
    from: '    this.#stopAt(job);\n    return job.result !== undefined;',
    to: '    return job.result !== undefined;',
    tests: testsOf(`${CORE}/batch-publisher.test.ts`),
  },
  {
    id: 'batch-large-never-fits',
    trap: 'a message that is larger than what is sent at once is never sent, nor what follows it in its key',
    file: `${CORE}/batch-publisher.ts`,
    from: '(bytes > room && batch.length > 0)',
    to: 'bytes > room',
    tests: testsOf(`${CORE}/batch-publisher.test.ts`),
  },
  {
    id: 'sqs-silence-is-success',
    trap: '27: an entry that a reply does not mention counts as published',
    file: `${CORE}/batch-publisher.ts`,
    from: 'Array.from({ length: count }, () => unanswered(service))',
    to: "Array.from({ length: count }, (): PublishResult => ({ kind: 'accepted' }))",
    tests: PUBLISH,
  },
  {
    id: 'sqs-failed-delete-forgotten',
    trap: '27: an entry of a batch of deletes fails, and nobody tries it again',
    file: `${SQS}/sqs-feed.ts`,
    from: '    if (failure !== undefined) throw failure;',
    to: '    void failure;',
    tests: TRAPS,
  },
  {
    id: 'sqs-empty-batch',
    trap: '27: a batch of nothing is sent, which AWS rejects',
    file: `${SQS}/sqs-queue.ts`,
    from: 'requests.map((request) =>',
    to: '(requests.length === 0 ? [[]] : requests).map((request) =>',
    tests: TRAPS,
  },
  {
    id: 'sns-envelope-closed',
    trap: '32: what SNS wraps is taken for a message of its own',
    file: `${AWS}/envelopes.ts`,
    from: "return Type === 'Notification' && typeof",
    to: "return Type === 'Raw' && typeof",
    tests: ENVELOPES,
  },
  {
    id: 'sqs-deaths-of-all-blame-each',
    trap: '33 and 51: SQS counts deaths for all that were in hand, and each of them is blamed',
    file: `${SQS}/sqs-feed.ts`,
    from: 'const SUSPECT_FROM = 3;',
    to: 'const SUSPECT_FROM = Number.POSITIVE_INFINITY;',
    tests: TRAPS,
  },
  {
    id: 'sns-certificate-of-anyone',
    trap: '37: who posts names the host of the certificate',
    file: `${SNS}/sns-signature.ts`,
    from: "url?.protocol === 'https:' && HOST.test(url.hostname) && url.port",
    to: "url?.protocol === 'https:' && url.port",
    tests: SIGNATURE,
  },
  {
    id: 'sns-topic-of-anyone',
    trap: '37: SNS signs for everybody, and everybody’s posts are taken',
    file: `${SNS}/sns-signature.ts`,
    from: "if (!own.has(post['TopicArn'] ?? ''))",
    to: 'if (own.size === 0)',
    tests: SIGNATURE,
  },
];
