'use strict';
const assert = require('node:assert/strict');

const anything = { '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value }) } };

/** Delivers one message twice and checks that its effect is there once. */
module.exports = async function effectOnce({ createSemel, topic }, { sqlite }) {
  const orders = topic('orders', { schema: anything, id: (order) => `${order.orderId}/placed` });
  const semel = createSemel({ name: 'shop', store: sqlite(`shop-${process.pid}.db`) });
  await semel.transaction(({ tx }) => tx.exec('create table charges (order_id text)'));

  const payments = semel.consume(orders, { name: 'payments' }, ({ message, tx }) => {
    tx.prepare('insert into charges (order_id) values (?)').run(message.data.orderId);
  });
  const outcomes = await semel.deliver(payments, { orderId: 'A1' }, { times: 2 });
  const charges = await semel.transaction(({ tx }) => tx.prepare('select order_id from charges').all());
  await semel.close();

  assert.deepEqual(
    outcomes.map(({ kind }) => kind),
    ['done', 'duplicate'],
  );
  assert.equal(charges.length, 1);
  console.log('once');
};
