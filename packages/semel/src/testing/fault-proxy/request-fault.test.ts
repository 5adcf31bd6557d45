import type { Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type FaultProxy, faultProxy } from '../fault-proxy.ts';
import { LineFixture, type LineServer, quiet } from './line-fixture.ts';
import type { RequestFault } from './request-fault.ts';

let fixture: LineFixture;
let server: LineServer;
let proxy: FaultProxy;

beforeEach(async () => {
  fixture = await LineFixture.start();
  ({ server, proxy } = fixture);
});
afterEach(async () => {
  await fixture[Symbol.asyncDispose]();
});

describe('once(): one request', () => {
  const arrangements: readonly (readonly [string, readonly string[]])[] = [
    ['in a segment of its own', ['one\n', 'commit\n', 'two\n']],
    ['in a segment with others', ['one\ncommit\ntwo\n']],
    ['in two segments, with others', ['one\ncom', 'mit\ntwo\n']],
    ['in as many segments as bytes', [...'one\ncommit\ntwo\n']],
  ];

  test.each(arrangements)('cut-before-request, %s: the server does not get it whole, nor what follows', async (_, pieces) => {
    const asking = fixture.client();
    const cut = proxy.once({ request: 'commit\n', then: 'cut-before-request' });
    await asking.sendPieces(pieces);
    await cut;
    await asking.ends();
    await fixture.nothingIsOpen();
    expect(server.received).toMatch(/^one\n(c|co|com|comm|commi|commit)?$/);
    expect(server.endings).toEqual(['end']);
  });

  test.each(arrangements)('cut-after-request, %s: the server gets it whole and nothing more, and the client no reply', async (_, pieces) => {
    const asking = fixture.client();
    const cut = proxy.once({ request: 'commit\n', then: 'cut-after-request' });
    await asking.sendPieces(pieces);
    await cut;
    await asking.ends();
    await fixture.nothingIsOpen();
    expect(asking.received).not.toContain('commit');
    expect(server.received).toBe('one\ncommit\n');
    expect(server.endings).toEqual(['end']);
  });

  test.each(arrangements)('cut-reply, %s: the client gets the replies before it', async (_, pieces) => {
    const asking = fixture.client();
    const cut = proxy.once({ request: /commit\n/, then: 'cut-reply', reply: 're:commit' });
    await asking.sendPieces(pieces);
    await cut;
    await asking.ends();
    await fixture.nothingIsOpen();
    expect(asking.received).toBe('re:one\n');
    expect(server.received).toContain('one\ncommit\n');
    expect(server.endings).toEqual(['end']);
  });

  test.each(arrangements)('hold-reply, %s: the client waits for it, and for what follows', async (_, pieces) => {
    const asking = fixture.client();
    const held = proxy.once({ request: Buffer.from('commit\n'), then: 'hold-reply', reply: 're:commit' });
    await asking.sendPieces(pieces);
    await held;
    await server.gets('two\n');
    await asking.gets('re:one\n');
    await quiet();
    expect(asking.received).toBe('re:one\n');
    await fixture.client().ask('another connection');
    proxy.release();
    await asking.gets('re:one\nre:commit\nre:two\n');
  });

  test.each(['cut-before-request', 'cut-after-request'] as const)('%s: what follows is not forwarded, though it is already on its way', async (then) => {
    proxy.hold('requests');
    const asking = fixture.client();
    const cut = proxy.once({ request: 'commit\n', then });
    await asking.sendPieces(['commit\n', 'two\n']);
    proxy.release();
    await cut;
    await fixture.nothingIsOpen();
    expect(server.received).toBe(then === 'cut-after-request' ? 'commit\n' : '');
    expect(server.endings).toEqual(['end']);
  });

  test('cut-after-request: the server gets the request whole, however slowly it reads', async () => {
    const asking = fixture.client();
    await asking.ask('a');
    const [reading] = server.sockets as [Socket];
    reading.pause();
    const cut = proxy.once({ request: '-commit\n', then: 'cut-after-request' });
    const request = `${'-'.repeat(32 * 1024 * 1024)}commit\n`;
    asking.send(request);
    asking.send('two\n');
    await quiet();
    expect(asking.ending).toBeUndefined();
    reading.resume();
    await cut;
    await asking.ends();
    await fixture.nothingIsOpen();
    expect(server.received.length).toBe('a\n'.length + request.length);
  });

  test('cut-after-request waits for the reply before the server loses its client', async () => {
    const asking = fixture.client();
    const cut = proxy.once({ request: 'hush\n', then: 'cut-after-request', reply: 'late' });
    asking.send('hush\n');
    await cut;
    await asking.isReset();
    server.sockets[0]?.write('early');
    await quiet();
    expect([proxy.connections, server.endings]).toEqual([1, []]);
    server.sockets[0]?.write('late');
    await fixture.nothingIsOpen();
    expect(server.endings).toEqual(['end']);
  });

  test.each(['cut-after-request', 'cut-reply'] as const)('%s: the end of the connection is a reply', async (then) => {
    const asking = fixture.client();
    const cut = proxy.once({ request: 'quit\n', then });
    asking.send('quit\n');
    await cut;
    await asking.isReset();
    await fixture.nothingIsOpen();
  });

  test('hold-reply holds the end of the connection too', async () => {
    const asking = fixture.client();
    const held = proxy.once({ request: 'quit\n', then: 'hold-reply' });
    asking.send('quit\n');
    await held;
    await quiet();
    expect(asking.ending).toBeUndefined();
    proxy.release();
    await asking.ends();
  });

  test('happens once, to the connection that is first; several wait for their requests', async () => {
    const [one, other] = [fixture.client(), fixture.client()];
    const cuts = [proxy.once({ request: 'b\n', then: 'cut-after-request' }), proxy.once({ request: 'a\n', then: 'cut-before-request' })];
    await one.ask('c');
    one.send('a\nb\n');
    await cuts[1];
    await one.isReset();
    await other.ask('a');
    expect(server.received).toBe('c\na\n');
    other.send('b\n');
    await cuts[0];
    await fixture.client().ask('b');
  });

  test('a connection that waits for the reply to one meets no other, and keeps it to itself', async () => {
    const [one, other] = [fixture.client(), fixture.client()];
    const held = proxy.once({ request: 'hush\n', then: 'hold-reply', reply: 're:late' });
    one.send('hush\n');
    await server.gets('hush\n');
    const cut = proxy.once({ request: 'a\n', then: 'cut-before-request' });
    await one.ask('a');
    other.send('hush\n');
    await other.ask('late');
    one.send('late\n');
    await held;
    one.send('a\n');
    await cut;
    await one.isReset();
  });

  test('what was sent before is not looked at', async () => {
    const asking = fixture.client();
    await asking.ask('commit');
    const cut = proxy.once({ request: 'commit\n', then: 'cut-before-request' });
    await asking.ask('next');
    asking.send('commit\n');
    await cut;
  });

  test('a delayed request meets its fault when it arrives', async () => {
    const asking = fixture.client();
    proxy.delay(50, 'requests');
    const startMs = performance.now();
    const cut = proxy.once({ request: 'a\n', then: 'cut-before-request' });
    asking.send('a\n');
    await cut;
    expect(performance.now() - startMs).toBeGreaterThanOrEqual(50);
  });
});

describe('once(): what never happens', () => {
  const armed = (then: RequestFault['then'], signal?: AbortSignal) => proxy.once({ request: 'hush\n', then, ...(signal && { signal }) });

  test.each(['cut-before-request', 'cut-reply'] as const)('%s: the wait is bounded by a signal, and the fault is disarmed', async (then) => {
    const asking = fixture.client();
    await asking.ask('a');
    const abort = new AbortController();
    const cut = armed(then, abort.signal);
    if (then === 'cut-reply') {
      asking.send('hush\n');
      await server.gets('hush\n');
    }
    const reason = new Error('long enough');
    abort.abort(reason);
    await expect(cut).rejects.toBe(reason);
    await expect(armed(then, abort.signal)).rejects.toBe(reason);
    await asking.ask('b');
  });

  test('pass() and close() disarm it', async () => {
    const cut = armed('cut-before-request');
    proxy.pass();
    await expect(cut).rejects.toMatchObject({ code: 'not-running' });
    const another = armed('cut-before-request');
    await proxy.close();
    await expect(another).rejects.toMatchObject({ code: 'not-running' });
    expect(() => armed('cut-reply')).toThrow(expect.objectContaining({ code: 'not-running' }));
  });

  test('pass() lets a reply through for which a fault waits', async () => {
    const asking = fixture.client();
    const held = armed('hold-reply');
    asking.send('hush\n');
    await server.gets('hush\n');
    proxy.pass();
    await expect(held).rejects.toMatchObject({ code: 'not-running' });
    await asking.ask('b');
  });

  test('pass() disarms before it lets requests go', async () => {
    proxy.hold('requests');
    const asking = fixture.client();
    const cut = armed('cut-before-request');
    asking.send('hush\n');
    await quiet();
    proxy.pass();
    await expect(cut).rejects.toMatchObject({ code: 'not-running' });
    await asking.ask('a');
  });

  test('the request cannot be forwarded', async () => {
    await using toNobody = await faultProxy({ to: { port: 1 } });
    const cut = toNobody.once({ request: 'a\n', then: 'cut-after-request' });
    const asking = fixture.client(toNobody);
    asking.send('a\n');
    await expect(cut).rejects.toMatchObject({ code: 'not-running' });
    await asking.isReset();
  });

  test('the connection ends first', async () => {
    const asking = fixture.client();
    const cut = armed('cut-reply');
    asking.send('hush\n');
    await server.gets('hush\n');
    proxy.cut();
    await expect(cut).rejects.toMatchObject({ code: 'not-running' });
  });

  test('a rejection that nobody awaits does no harm', async () => {
    const unhandled = vi.fn();
    process.on('unhandledRejection', unhandled);
    void armed('cut-reply');
    await proxy.close();
    await quiet();
    process.off('unhandledRejection', unhandled);
    expect(unhandled).not.toHaveBeenCalled();
  });
});
