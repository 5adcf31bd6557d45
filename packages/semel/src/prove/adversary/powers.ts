import type { Contract } from '../../core/contract.ts';

/** What a contract allows to be done to a consumer, and nothing else. */
export interface Powers {
  /** A message comes again, even after its acknowledgement, and while another has it in hand. */
  readonly repeats: boolean;
  /** An acknowledgement does not arrive. */
  readonly losesAcknowledgements: boolean;
  /** A receiver that is silent for too long loses what it has in hand, and learns of it late. */
  readonly takesBack: 'lease' | 'connection';
  /** A connection breaks, and what was in hand is delivered again. */
  readonly disconnects: boolean;
  /** A partition moves to another member of the group. */
  readonly rebalances: boolean;
  /** Messages come in any order, those of a key too. */
  readonly reorders: boolean;
  /** An acknowledgement of who has lost the message counts. */
  readonly heedsStale: boolean;
}

/** Reads a contract as what it does not forbid. */
export function powersOf(contract: Contract): Powers {
  const { duplicates, settlement, takenBack, ordering, fencedAcknowledgement } = contract;
  const repeats = duplicates.value.some((duplicate) => duplicate !== 'unsettled' && duplicate !== 'rebalance');
  const oneByOne = settlement.value === 'one-by-one';
  return {
    repeats,
    losesAcknowledgements: oneByOne && takenBack.value === 'lease',
    takesBack: takenBack.value,
    disconnects: oneByOne && takenBack.value === 'connection',
    rebalances: settlement.value === 'position',
    reorders: ordering.value === 'none',
    heedsStale: !fencedAcknowledgement.value,
  };
}
