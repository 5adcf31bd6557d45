import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type LineClient, LineFixture, type LineServer, quiet, until } from './fault-proxy/line-fixture.ts';
import { type FaultProxy, faultProxy } from './fault-proxy.ts';

let fixture: LineFixture;
let server: LineServer;
let proxy: FaultProxy;

beforeEach(async () => {
  fixture = await LineFixture.start();
  ({ server, proxy } = fixture);
});
afterEach(async () => {
  vi.useRealTimers();
  await fixture[Symbol.asyncDispose]();
});

describe('without a fault', () => {
  test('bytes go both ways, unchanged, however many and however slowly they are read', async () => {
    const bytes = Buffer.alloc(8 * 1024 * 1024, 'the quick brown fox\n');
    const { socket } = fixture.client();
    let answered = 0;
    socket.on('data', (piece) => {
      answered += piece.length;
      socket.pause();
      setImmediate(() => socket.resume());
    });
    socket.write(bytes);
    await until('the server has all', () => server.received.length === bytes.length);
    const lines = bytes.toString().split('\n').length - 1;
    await until('the client has all', () => answered === 're:the quick brown fox\n'.length * lines);
    expect(Buffer.from(server.received).equals(bytes)).toBe(true);
  });

  test('the end of one direction is the end of that direction', async () => {
    const asking = fixture.client();
    asking.socket.end('last words\n');
    await asking.gets('re:last words\n');
    await asking.ends();
    expect(server.endings).toEqual(['end']);
    await fixture.nothingIsOpen();
  });

  test('a reset on one side is one on the other', async () => {
    const [one, other] = [fixture.client(), fixture.client()];
    await Promise.all([one.ask('a'), other.ask('b')]);
    one.socket.resetAndDestroy();
    await until('the server is reset', () => server.endings[0] === 'reset');
    for (const socket of server.sockets) if (!socket.destroyed) socket.resetAndDestroy();
    await other.isReset();
    await fixture.nothingIsOpen();
  });

  test('a client is reset where no server is there', async () => {
    await server.close();
    const lost = fixture.client();
    await lost.isReset();
    await fixture.nothingIsOpen();
  });
});

describe('cut()', () => {
  test('resets what is open, and what is opened, until pass()', async () => {
    const open = fixture.client();
    await open.ask('a');
    expect(proxy.connections).toBe(1);
    proxy.cut();
    await open.isReset();
    await until('the server is reset', () => server.endings[0] === 'reset');
    await fixture.client().isReset();
    await fixture.nothingIsOpen();
    expect(server.sockets).toHaveLength(1);
    proxy.pass();
    await fixture.client().ask('b');
  });
});

describe('delay()', () => {
  test.each([
    ['both ways', undefined, 60],
    ['requests', 'requests', 30],
    ['replies', 'replies', 30],
  ] as const)('%s: a round trip takes at least as long', async (_, direction, leastMs) => {
    const asking = fixture.client();
    await asking.ask('warm');
    proxy.delay(30, direction);
    const startMs = performance.now();
    await asking.ask('a');
    expect(performance.now() - startMs).toBeGreaterThanOrEqual(leastMs);
  });

  test('what is on its way at once arrives in order, and does not add up', async () => {
    const asking = fixture.client();
    proxy.delay(100, 'requests');
    const startMs = performance.now();
    for (let line = 0; line < 50; line++) {
      asking.send(`${line}\n`);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await server.gets('\n49\n');
    expect(performance.now() - startMs).toBeLessThan(50 * 100 * 0.5);
    expect(server.received).toBe(Array.from({ length: 50 }, (__, line) => `${line}\n`).join(''));
  });

  test('pass() lets what is delayed arrive now', async () => {
    const asking = fixture.client();
    proxy.delay(3_600_000);
    asking.send('a\n');
    await quiet();
    expect(server.received).toBe('');
    proxy.pass();
    await asking.gets('re:a\n');
  });
});

describe('hold()', () => {
  test('replies stay back until release()', async () => {
    const asking = fixture.client();
    proxy.hold();
    asking.send('a\n');
    await server.gets('a\n');
    await quiet();
    expect(asking.received).toBe('');
    proxy.release();
    await asking.gets('re:a\n');
    await asking.ask('b');
  });

  test('requests stay back, with the end of the connection, on new connections too', async () => {
    proxy.hold('requests');
    const asking = fixture.client();
    asking.socket.end('a\n');
    await quiet();
    expect([server.received, server.endings]).toEqual(['', []]);
    proxy.pass();
    await asking.ends();
    expect([server.received, asking.received]).toEqual(['a\n', 're:a\n']);
  });

  test('a reset by the server stays back as well: the client is left to wait', async () => {
    const asking = fixture.client();
    await asking.ask('a');
    proxy.hold();
    server.sockets[0]?.resetAndDestroy();
    await quiet();
    expect(asking.ending).toBeUndefined();
    proxy.release();
    await asking.isReset();
  });
});

describe('a server that sends more than its client takes is made to wait', () => {
  const MEGABYTES = 64;

  /** Lets the server of the first connection send, until no more of it is taken. */
  async function flood(): Promise<{ readonly taken: number }> {
    const [talking] = server.sockets as [Socket];
    const flow = { taken: 0 };
    const send = () => {
      flow.taken++;
      if (flow.taken < MEGABYTES && talking.writable) talking.write(Buffer.alloc(1024 * 1024), send);
    };
    talking.write(Buffer.alloc(1024 * 1024), send);
    for (let before = -1; before < flow.taken; await quiet(100)) before = flow.taken;
    expect(flow.taken).toBeLessThan(MEGABYTES);
    return flow;
  }

  test.each([
    ['by hold()', () => proxy.hold(), () => proxy.release()],
    ['by a client that does not read', ({ socket }: LineClient) => socket.pause(), ({ socket }: LineClient) => socket.resume()],
  ])('%s', async (_, stop, goOn) => {
    const asking = fixture.client();
    await asking.ask('a');
    stop(asking);
    const flow = await flood();
    goOn(asking);
    await until('all is taken', () => flow.taken === MEGABYTES);
  });

  test('and is read to its end once the client is cut', async () => {
    const asking = fixture.client();
    await asking.ask('a');
    asking.socket.pause();
    await flood();
    const cut = proxy.once({ request: 'commit\n', then: 'cut-after-request', reply: 're:commit' });
    asking.send('commit\n');
    await cut;
    await fixture.nothingIsOpen();
    expect(server.endings).toEqual(['end']);
  });
});

describe('close()', () => {
  test('leaves no socket and no timer, whatever is on its way', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const [delayed, gone] = [fixture.client(), fixture.client()];
    await Promise.all([delayed.ask('a'), gone.ask('a')]);
    const cut = proxy.once({ request: 'hush\n', then: 'cut-after-request', reply: 'never' });
    gone.send('hush\n');
    await cut;
    proxy.delay(3_600_000);
    delayed.send('b\n');
    for (const socket of server.sockets) socket.write('c\n');
    await until('a request and a reply are delayed', () => vi.getTimerCount() === 2);
    expect(proxy.connections).toBe(2);

    await Promise.all([proxy.close(), proxy.close()]);
    expect(vi.getTimerCount()).toBe(0);
    expect(proxy.connections).toBe(0);
    await Promise.all([delayed.ends(), gone.ends()]);
    await until('the server loses its connections', () => server.endings.length === 2);
    await expect(once(connect({ port: proxy.port }), 'connect')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  test('is called where the proxy goes out of scope', async () => {
    let port: number;
    {
      await using scoped = await faultProxy({ to: { host: 'localhost', port: 1 } });
      port = scoped.port;
    }
    await expect(once(connect({ port }), 'connect')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });
});

describe('options are checked', () => {
  test.each([
    {},
    { to: { port: 0 } },
    { to: { port: 65_536 } },
    { to: { port: '5432' } },
    { to: { port: 1, host: '' } },
    { to: { port: 1, hots: 'a' } },
    { to: { port: 1 }, tls: true },
  ])('of faultProxy(): %j', async (options) => {
    await expect(faultProxy(options as never)).rejects.toMatchObject({ code: 'bad-option' });
  });

  test.each([
    {},
    { request: '', then: 'cut-reply' },
    { request: 1, then: 'cut-reply' },
    { request: 'a', then: 'cut' },
    { request: 'a', then: 'cut-reply', reply: '' },
    { request: 'a', then: 'cut-before-request', reply: 'b' },
    { request: 'a', then: 'cut-reply', times: 2 },
  ])('of once(): %j', (fault) => {
    expect(() => proxy.once(fault as never)).toThrow(expect.objectContaining({ code: 'bad-option' }));
  });

  test('of delay() and hold()', () => {
    expect(() => proxy.delay(-1)).toThrow(expect.objectContaining({ code: 'bad-option' }));
    expect(() => proxy.delay(1, 'up' as never)).toThrow(expect.objectContaining({ code: 'bad-option' }));
    expect(() => proxy.hold('down' as never)).toThrow(expect.objectContaining({ code: 'bad-option' }));
  });
});
