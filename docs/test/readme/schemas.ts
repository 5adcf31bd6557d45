import { z } from 'zod';

/** What README.md's example imports as `./schemas.ts`. */
export const Order = z.object({ orderId: z.string(), customerId: z.string(), cents: z.number() });

/** The other one. */
export const Receipt = z.object({ orderId: z.string() });
