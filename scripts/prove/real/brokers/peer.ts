import type { Transport } from 'semel';
import { peer } from 'semel/peer';
import { ledgerOf } from '../../../../packages/semel/test/crash/ledgers/ledger-of.ts';

/** The store of another service, at `<folder>#<store>`. */
export function transport(address: string): Transport {
  const [dir = '', store = ''] = address.split('#');
  return peer(ledgerOf(store, dir).store('billing'));
}
