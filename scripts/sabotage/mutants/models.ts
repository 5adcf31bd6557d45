import type { Mutant } from '../mutant.ts';
import { REPLAY, SRC } from './where.ts';

const MODELS = `${SRC}/testing/models`;

/** Bugs of the model that the prover plays on: with one of them it proves something about a store that nobody has. */
export const MODEL_MUTANTS: readonly Mutant[] = [
  {
    id: 'model-forgets-a-fence',
    trap: '11: on the model who outlived the lease settles what is another’s by now, as no store lets it',
    file: `${MODELS}/memory-queue.ts`,
    from: "row?.state === 'in-flight' && row.fence === receipt.fence ? row : undefined",
    to: "row?.state === 'in-flight' ? row : undefined",
    tests: REPLAY,
  },
  {
    id: 'model-forgets-an-epoch',
    trap: '33: on the model who lost a partition gives it up for its successor, and that one’s death goes unnoticed',
    file: `${MODELS}/memory-positions.ts`,
    from: 'if (record?.epoch === epoch) record.inHand = false;',
    to: 'if (record !== undefined) record.inHand = false;',
    tests: REPLAY,
  },
  {
    id: 'model-runs-what-waits',
    trap: '4: on the model a message runs before what is parked of its key, where the store says that it waits',
    file: `${MODELS}/memory-inspect.ts`,
    from: "  return subscription.queue.waits(message.key) ? { kind: 'waiting' } : undefined;",
    to: '  return undefined;',
    tests: REPLAY,
  },
  {
    id: 'model-buries-twice',
    trap: '41: on the model what is delivered again and dies again is two dead letters, in the store one',
    file: `${MODELS}/memory-settle.ts`,
    from: 'buried(state, consumer, item)?.letter.id ?? state.nextNumber()',
    to: 'state.nextNumber()',
    tests: REPLAY,
  },
];
