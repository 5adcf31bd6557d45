import { SemelError } from '../../core/errors.ts';
import { Mutex } from '../../core/mutex.ts';
import type { Stage } from '../../core/store.ts';
import { OwnStatements } from './connection.ts';
import type { PostgresDatabase } from './postgres-database.ts';
import { stateOf } from './postgres-errors.ts';
import { writeMessages } from './stage.ts';

/** Whose turn it is in the users' transactions: savepoints nest, so that of two publishes at once each would roll back or release the other's. */
const turns = new WeakMap<object, Mutex>();

/**
 * A stage on a transaction that the user opened on the same database; each message is written, and refused, at once, under a savepoint
 * of its own, so that a refusal leaves the transaction as it was.
 * @throws SemelError `foreign-transaction`
 */
export function enlist(database: PostgresDatabase, tx: unknown): Stage {
  const { driver, sql, settings } = database;
  const runner = driver.runnerOf(tx);
  if (runner === undefined) throw new SemelError('foreign-transaction', `tx is not a transaction of ${driver.name}`);
  const connection = new OwnStatements(runner, sql);
  const turn = turnOf(tx as object);
  return {
    stage: (sealed, options) =>
      turn.run(async () => {
        await connection.all('savepoint semel_publish').catch(refuseClosed);
        try {
          await requireSameStore();
          await writeMessages(connection, [options?.notBeforeMs === undefined ? { sealed } : { sealed, notBeforeMs: options.notBeforeMs }], true);
          if (settings.notify) await connection.all('select pg_notify($1, $2)::text', `${settings.schema}_wake`, '');
        } catch (error) {
          await connection.all('rollback to savepoint semel_publish').catch(() => {}); // the connection is gone, and the transaction with it
          throw error;
        }
        await connection.all('release savepoint semel_publish');
      }),
  };

  async function requireSameStore(): Promise<void> {
    const row = await connection
      .get<{ same: boolean }>('select exists (select 1 from {s}.store_identity where store_id = $1::text::uuid) as same', database.storeId)
      .catch((error: unknown) => {
        if (stateOf(error) === '42P01' || stateOf(error) === '3F000') return undefined;
        throw error;
      });
    if (!row?.same) throw new SemelError('foreign-transaction', `tx is a transaction of another database than the one with this store's schema ${settings.schema}`);
  }
}

function turnOf(tx: object): Mutex {
  const turn = turns.get(tx) ?? new Mutex();
  turns.set(tx, turn);
  return turn;
}

/** A savepoint is refused outside a transaction: by the server, or by the library, which then has no state of the server's to show. */
function refuseClosed(error: unknown): never {
  const refused = stateOf(error) === '25P01' || (stateOf(error) === undefined && !(error instanceof SemelError));
  throw refused ? new SemelError('foreign-transaction', 'tx has no open transaction: begin one first', { cause: error }) : error;
}
