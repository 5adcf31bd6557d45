import type { Mutant } from '../mutant.ts';
import { CONSUMER, CORE, SQLITE, SRC, STORE_SUITE, testsOf } from './where.ts';

/** Bugs of publishing, of the relay and of reading what strangers sent. */
export const MESSAGE_MUTANTS: readonly Mutant[] = [
  {
    id: 'unknown-marked-as-published',
    trap: '9: what the broker did not answer for is marked as published, and may be lost',
    file: `${SRC}/outbox/relay.ts`,
    from: "if (result.kind === 'accepted') return { ok: true };",
    to: "if (result.kind !== 'failed') return { ok: true };",
    tests: testsOf(`${SRC}/outbox/relay.test.ts`),
  },
  {
    id: 'last-word-not-heard',
    trap: '7: of a call whose time is over all is sent again, also what was confirmed, and a batch that takes too long is never through',
    file: `${SRC}/outbox/relay.ts`,
    from: 'void scheduler.sleep(LAST_WORD_MS, answered.signal).then(silent)',
    to: 'silent()',
    tests: testsOf(`${SRC}/outbox/relay.test.ts`),
  },
  {
    id: 'key-goes-on-after-failure',
    trap: '2: of a key the second is published although the first failed',
    file: `${SRC}/outbox/relay.ts`,
    from: '        for (const delivery of open) if (mustComeAgain(results.get(delivery))) stoppedKeys.add(messageOf(delivery).key);\n',
    to: '',
    tests: testsOf(`${SRC}/outbox/relay.test.ts`),
  },
  {
    id: 'two-of-a-key-in-one-call',
    trap: '2: a broker that keeps no order within a call is given two of a key at once',
    file: `${SRC}/outbox/relay.ts`,
    from: 'if (key !== undefined) depth.set(key, round + 1);',
    to: 'if (key !== undefined) depth.set(key, round);',
    tests: testsOf(`${SRC}/outbox/relay.test.ts`),
  },
  {
    id: 'publish-overwrites',
    trap: '15: a second payload under a published identity is dropped in silence',
    file: `${SQLITE}/stage.ts`,
    from: "  if (conflicts(kept.fingerprint, fingerprint)) throw identityConflict('published', message, kept.fingerprint, fingerprint);\n",
    to: '',
    tests: STORE_SUITE,
  },
  {
    id: 'id-from-absent-field',
    trap: '14: ids that are made from what is not there are one id for all',
    file: `${CORE}/topic.ts`,
    from: 'if (!SUSPECT.test(text)) return',
    to: "if (text !== '') return",
    tests: testsOf(`${CORE}/topic.test.ts`),
  },
  {
    id: 'proto-accepted',
    trap: '36: a member called `__proto__` gets in',
    file: `${CORE}/read-json.ts`,
    from: "if (name === FORBIDDEN_NAME) this.#refuse('forbidden-member',",
    to: "if (names !== undefined && name === FORBIDDEN_NAME) this.#refuse('forbidden-member',",
    tests: testsOf(`${CORE}/read-json.test.ts`),
  },
  {
    id: 'escaped-proto-accepted',
    trap: '36: a member called `__proto__` gets in where it is written with escapes',
    file: `${CORE}/read-json.ts`,
    from: 'if (!escaped && names === undefined &&',
    to: 'if (names === undefined &&',
    tests: testsOf(`${CORE}/read-json.test.ts`),
  },
  {
    id: 'retry-publishes-anew',
    trap: '9: what a handler publishes gets another identity at each try',
    file: `${CONSUMER}/publisher.ts`,
    from: 'cause: { consumer: this.#consumer.name, message',
    to: 'cause: { consumer: this.#consumer.name + this.#engine.unit(), message',
    tests: testsOf(`${CONSUMER}/processor.test.ts`),
  },
];
