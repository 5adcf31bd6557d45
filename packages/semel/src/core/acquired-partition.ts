/** A partition of a log in the hand of its owner. */
export interface AcquiredPartition {
  readonly partition: string;
  /** Where to read on; undefined at the first time. */
  readonly position: string | undefined;
  readonly epoch: number;
  /** How many owners in a row have neither got beyond this position nor given it up: they may have died of what comes next (trap 33). */
  readonly crashes: number;
  /** How often the record that comes next has failed, where the store has no queue to park it in, and counts here. @default 0 */
  readonly failures?: number;
}
