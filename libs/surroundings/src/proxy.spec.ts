import { keepLoopbackOffProxies, proxyFor } from './proxy';

const off = (env: NodeJS.ProcessEnv, hosts: string[] = []): string | undefined => {
  keepLoopbackOffProxies(hosts, env);
  return env.no_grpc_proxy;
};

describe('gRPC is kept off proxies for this machine', () => {
  it('beside the exceptions of the environment, in the form that gRPC understands', () => {
    expect(off({})).toBe('localhost,127.0.0.0/8');
    expect(off({ no_proxy: ' a.example ,, b', NO_PROXY: 'c' })).toBe('a.example,b,c,localhost,127.0.0.0/8');
    expect(off({ no_grpc_proxy: 'x', no_proxy: 'y' })).toBe('x,localhost,127.0.0.0/8');
    expect(off({}, ['::1', 'db.example'])).toBe('localhost,127.0.0.0/8,::1');
    expect(off({ no_proxy: '*' })).toBe(',');
  });

  it('and twice in a process means the same as once', () => {
    for (const no_proxy of ['*', 'a', '']) {
      const env = { no_proxy };
      expect(off(env)).toBe(off(env));
    }
  });
});

describe('the proxy of a host', () => {
  const env = { https_proxy: 'http://proxy:3128', no_proxy: '.internal, 10.0.0.0/8' };

  it.each([
    ['db.example', 'https_proxy'],
    ['11.0.0.1', 'https_proxy'],
    ['db.internal', undefined],
    ['10.1.2.3', undefined],
    ['127.0.0.1', undefined],
    ['127.9.9.9', undefined],
    ['localhost', undefined],
    ['::1', undefined],
  ])('%s is that of %s', (host, proxy) => {
    expect(proxyFor(host, env)).toBe(proxy);
  });

  it('is none without a setting, and none with the exception *', () => {
    expect(proxyFor('db.example', {})).toBeUndefined();
    expect(proxyFor('db.example', { HTTP_PROXY: 'http://p' })).toBeUndefined();
    expect(proxyFor('db.example', { http_proxy: 'http://p', no_proxy: '*' })).toBeUndefined();
  });
});
