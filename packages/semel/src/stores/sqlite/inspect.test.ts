import { expect, test } from 'vitest';
import { externalItem, handling, SqliteFixture, sealed, subscription } from './sqlite-fixture.ts';

test('trap 54: a record under one source says nothing of the same id under another, nor of another id', async () => {
  await using fixture = new SqliteFixture();
  const store = await fixture.open();
  await store.registry.join(subscription('billing', { kind: 'remote' }), { from: 'now' });
  const kindsOf = async (...messages: readonly ReturnType<typeof sealed>[]) => {
    const works = messages.map((message) => handling(externalItem(message)));
    return (await fixture.commit(store, works, { subscription: 'billing' })).map(({ kind }) => kind);
  };
  const refund = (id: string) => sealed(id, { source: 'shop/refunds' });
  expect(await kindsOf(sealed('a'), refund('b'))).toEqual(['done', 'done']);
  expect(await kindsOf(sealed('a'), refund('a'), sealed('b'), refund('b'))).toEqual(['duplicate', 'done', 'done', 'duplicate']);
});
