import type { Transport } from 'semel';
import { peer } from 'semel/peer';
import { sqlite } from 'semel/sqlite';

/** Another service's file, for the processes that are to be killed. */
export function transport(path: string): Transport {
  return peer(sqlite(path));
}
