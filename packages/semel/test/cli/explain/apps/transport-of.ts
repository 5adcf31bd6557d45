import type { Contract, Transport } from 'semel';

/** A transport that keeps this contract on paper: nothing is ever read from it or sent to it. */
export function transportOf(contract: Contract, sides: 'publisher' | 'subscriber' | 'both' = 'both'): Transport {
  const refuse = () => Promise.reject(new Error('an explanation does no I/O'));
  const subscriber = { subscribe: refuse, close: async () => {} };
  const publisher = { keepsKeyOrder: true, publish: refuse, close: async () => {} };
  return { name: 'broker', contract, ...(sides === 'publisher' ? {} : { subscriber }), ...(sides === 'subscriber' ? {} : { publisher }) };
}
