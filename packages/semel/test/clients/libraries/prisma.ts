import { PrismaPg } from '@prisma/adapter-pg';
import { fromPrisma, type PostgresOptions, type PrismaDatabase } from 'semel/postgres';
import type { TestClient } from '../client.ts';
import { generated } from '../prisma/generate.ts';

interface SaleRow {
  readonly id: string;
  readonly customerId: string;
}

/** What the tests use of the client that Prisma generates; its file is not there when types are checked. */
export interface PrismaTx {
  readonly sale: {
    create(args: { readonly data: SaleRow }): Promise<SaleRow>;
    findUnique(args: { readonly where: { readonly id: string } }): Promise<SaleRow | null> & { customer(): Promise<{ readonly id: string } | null> };
  };
  $executeRaw(sql: TemplateStringsArray): Promise<number>;
  $executeRawUnsafe(sql: string): Promise<number>;
  $transaction(body: ((tx: PrismaTx) => Promise<unknown>) | readonly Promise<unknown>[]): Promise<unknown>;
}

interface Prisma extends PrismaDatabase<PrismaTx> {
  $disconnect(): Promise<void>;
}

/** Prisma, with models. */
export async function open(url: string, options?: PostgresOptions): Promise<TestClient<PrismaTx>> {
  const { PrismaClient } = (await import(generated(new URL('../prisma/schema.prisma', import.meta.url)).href)) as { readonly PrismaClient: new (options: object) => Prisma };
  const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString: url }) });
  return {
    store: fromPrisma(prisma, options),
    insert: (tx, { id, customer }) => tx.sale.create({ data: { id, customerId: customer } }),
    customerOf: async (tx, id) => (await tx.sale.findUnique({ where: { id } }))?.customerId,
    run: (tx, sql) => tx.$executeRawUnsafe(sql),
    transaction: (body) => prisma.$transaction(body),
    nested: (tx, body) => tx.$transaction(body),
    close: () => prisma.$disconnect(),
  };
}
