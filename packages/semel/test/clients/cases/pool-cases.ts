import { expect } from 'vitest';
import type { ClientCase } from '../client-case.ts';

/** The connections that the library may open. */
export const poolCases: readonly ClientCase[] = [
  {
    name: 'a pool that is too small is refused, with the option that sets its size',
    needs: ({ client }) => client.sizeOption !== undefined,
    async run({ client: { store, sizeOption } }) {
      const check = (transactions: number) => () => store.checkCapacity?.(transactions);
      expect(check(1)).not.toThrow();
      expect(check(1_000)).toThrow(expect.objectContaining({ code: 'pool-too-small', message: expect.stringContaining(`Set \`${sizeOption}\` to `) }));
    },
  },
];
