import type { Loss } from './disk-image.ts';

/** Stores on a disk that forgets. */
export interface Ground extends AsyncDisposable {
  /** Where they are, as the crash suite has it. */
  readonly store: string;
  /** What the processes that use them are started with. */
  readonly variables: Readonly<Record<string, string>>;
  /** What is there now is safe; from now on the disk forgets. Nobody uses the stores meanwhile. */
  begin(): Promise<void>;
  /** Loses the power, at a time when everybody who used the stores was dead, and starts what has to run again. */
  losePower(random: () => number, atNs: bigint): Promise<Loss>;
  /** Files that were written by ways that the disk does not see. Nobody uses the stores meanwhile. */
  unseen(): Promise<readonly string[]>;
}
