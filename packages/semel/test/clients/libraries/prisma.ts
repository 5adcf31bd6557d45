import { PrismaPg } from '@prisma/adapter-pg';
import { fromPrisma, type PostgresOptions, type PrismaDatabase } from 'semel/postgres';
import type { Sale, TestClient } from '../client.ts';
import { generated } from '../prisma/generate.ts';

/** What is used here of the client that Prisma generates. */
interface Tx {
  readonly sale: {
    create(args: { readonly data: Sale }): Promise<Sale>;
    findUnique(args: { readonly where: { readonly id: string } }): Promise<Sale | null>;
  };
  $executeRawUnsafe(sql: string): Promise<number>;
  $transaction(body: (tx: Tx) => Promise<unknown>): Promise<unknown>;
}

interface Client extends PrismaDatabase<Tx> {
  $disconnect(): Promise<void>;
}

/** Prisma, with a model. */
export async function open(url: string, options?: PostgresOptions): Promise<TestClient<Tx>> {
  const { PrismaClient } = (await import(generated(new URL('../prisma/schema.prisma', import.meta.url)).href)) as { readonly PrismaClient: new (options: object) => Client };
  const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString: url }) });
  return {
    store: fromPrisma(prisma, options),
    insert: (tx, data) => tx.sale.create({ data }),
    customerOf: async (tx, id) => (await tx.sale.findUnique({ where: { id } }))?.customer,
    run: (tx, sql) => tx.$executeRawUnsafe(sql),
    transaction: (body) => prisma.$transaction(body),
    nested: (tx, body) => tx.$transaction(body),
    close: () => prisma.$disconnect(),
  };
}
