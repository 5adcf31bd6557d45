import type { Mutant } from '../../mutant.ts';
import { SRC, testsOf } from '../where.ts';

const STREAMS = `${SRC}/transports/rabbitmq/streams`;
const TESTS = testsOf(`${STREAMS}/rabbitmq-streams.test.ts`);

/** Bugs of the transport of RabbitMQ streams. */
export const RABBITMQ_STREAMS_MUTANTS: readonly Mutant[] = [
  {
    id: 'streams-gap-in-silence',
    trap: '28: records that were removed unread are passed over without a word',
    file: `${STREAMS}/stream-reader.ts`,
    from: 'return end.offset > offset + 1 + OWN_RECORDS && !this.#listener.gap(',
    to: 'return end.offset < 0 && !this.#listener.gap(',
    tests: TESTS,
  },
  {
    id: 'streams-position-of-the-record',
    trap: '28: the position names the record and not what follows it, so that it is read again',
    file: `${STREAMS}/stream-position.ts`,
    from: 'offset: offset + 1, checksum',
    to: 'offset, checksum',
    tests: TESTS,
  },
  {
    id: 'streams-known-by-name',
    trap: '28: a stream that is made anew is read from where the old one was left, and its beginning is skipped',
    file: `${STREAMS}/stream-reader.ts`,
    from: 'if (proves) return end.checksum !== before.checksum &&',
    to: 'if (proves) return end.checksum < 0 &&',
    tests: TESTS,
  },
  {
    id: 'streams-waits-for-ever',
    trap: '28: a stream that is made anew and shorter never brings the old position, and nobody is told',
    file: `${STREAMS}/stream-reader.ts`,
    from: "this.#listener.gap({ kind: 'shorter', offset: position.offset })",
    to: 'undefined',
    tests: TESTS,
  },
  {
    id: 'streams-goes-on-after-a-gap',
    trap: '28: a stream that is to stop at a gap is read on behind it',
    file: `${STREAMS}/stream-source.ts`,
    from: '      this.#held = !goesOn;\n      return goesOn;\n',
    to: '      return true;\n',
    tests: TESTS,
  },
  {
    id: 'streams-room-without-end',
    trap: '28: room is made for more as records come, and what is not handled fills the memory',
    file: `${STREAMS}/stream-reader.ts`,
    from: '    this.#arrived.push({ message, end });\n',
    to: '    this.#arrived.push({ message, end });\n    this.#makeRoom(message);\n',
    tests: TESTS,
  },
  {
    id: 'streams-without-turn',
    trap: '29: all readers of a consumer read at once, and take the stream from one another',
    file: `${STREAMS}/stream-turn.ts`,
    from: 'if (codeOf(cause) === LOCKED) return false;',
    to: 'if (codeOf(cause) === LOCKED) return true;',
    tests: TESTS,
  },
  {
    id: 'streams-turn-outlives-its-connection',
    trap: '29: a reader whose connection has ended goes on under its old epoch',
    file: `${STREAMS}/stream-source.ts`,
    from: '      this.#waits = false;\n      this.#lose();\n',
    to: '      this.#waits = false;\n',
    tests: TESTS,
  },
  {
    id: 'streams-channel-end-skips',
    trap: '28: after the end of a channel reading begins anew, and what has come already comes twice',
    file: `${STREAMS}/stream-source.ts`,
    from: 'const position = this.#reader?.end ?? begin.position;',
    to: 'const position = begin.position;',
    tests: TESTS,
  },
];
