/** What the owner of a partition notes beside its offset. */
export interface PartitionNote {
  /** It has records in hand, so that its death counts against the one that comes next (trap 33). */
  readonly inHand: boolean;
  /** See `AcquiredPartition`. */
  readonly crashes: number;
  readonly failures: number;
}

const NOTHING: PartitionNote = { inHand: false, crashes: 0, failures: 0 };

/** As it is written. */
export function textOfNote({ inHand, crashes, failures }: PartitionNote): string {
  return ` ${inHand ? 1 : 0} ${crashes} ${failures}`;
}

/** What was written; nothing, where it was not by such a store. */
export function noteOfText(text: string | undefined): PartitionNote {
  const [inHand = 0, crashes = 0, failures = 0] =
    /^ ([01]) (\d{1,9}) (\d{1,9})$/
      .exec(text ?? '')
      ?.slice(1)
      .map(Number) ?? [];
  return inHand + crashes + failures === 0 ? NOTHING : { inHand: inHand === 1, crashes, failures };
}
