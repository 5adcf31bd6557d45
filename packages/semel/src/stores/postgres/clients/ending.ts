import { SemelError } from '../../../core/errors.ts';
import { isRefusal, translateOwn } from '../postgres-errors.ts';
import { commitUnknown } from '../unresolved-units.ts';
import { within } from '../within.ts';

/** How long the last statement on a connection may take before the connection is closed instead. */
const LAST_MS = 2_000;

/**
 * Reads the answer to COMMIT: of a transaction that a failed statement has ended it is ROLLBACK, and no error (trap 43).
 * @param end gives the connection back, or closes it where it is in doubt; not called where the server refused, for a ROLLBACK follows
 * @throws SemelError `commit-unknown` where no answer came; with anything else the transaction is surely undone
 */
export async function commitBy(answer: Promise<{ readonly command: string }>, end: (inDoubt: boolean) => void): Promise<void> {
  let command: string;
  try {
    ({ command } = await answer);
  } catch (error) {
    if (isRefusal(error)) throw translateOwn(error);
    end(true);
    throw commitUnknown(error);
  }
  end(false);
  if (command !== 'COMMIT') throw new SemelError('transaction-ended', `COMMIT was answered with ${command}: a failed statement had ended the transaction`);
}

/**
 * Waits for the answer to the last statement on a connection, such as ROLLBACK, but not for ever. Never rejects.
 * @param end gives the connection back, or closes it where it is in doubt
 */
export async function endBy(answer: Promise<unknown>, end: (inDoubt: boolean) => void): Promise<void> {
  const settled = answer.then(
    () => true,
    () => false,
  );
  end((await within(LAST_MS, settled)) !== true);
}
