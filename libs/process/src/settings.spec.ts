import { IsString } from 'class-validator';
import { BaseSettings, EventStoreSettings, IsPortOrOff, IsWhole, readSettings } from './settings';
import { StartError } from './start-error';

class SampleSettings extends EventStoreSettings {
  @IsString()
  DATA_DIR = './data';

  @IsWhole(1, 1_024)
  CACHE_MIB = 64;
}

const messageOf = (env: NodeJS.ProcessEnv): string => {
  try {
    readSettings(SampleSettings, env);
  } catch (error) {
    expect(error).toBeInstanceOf(StartError);
    return (error as StartError).message;
  }
  throw new Error('these settings were accepted');
};

it('every setting has a default that works on a laptop', () => {
  expect({ ...readSettings(SampleSettings, {}) }).toEqual({
    NODE_ENV: undefined,
    NATS_URL: 'nats://127.0.0.1:4222',
    NATS_REPLY_PREFIXES: '',
    APPS_FILE: undefined,
    LOG_LEVEL: 'info',
    LOG_FORMAT: 'json',
    HEALTH_HOST: '127.0.0.1',
    HEALTH_PORT: 0,
    EVENTSTORE_URL: 'esdb://127.0.0.1:2113?tls=false',
    DATA_DIR: './data',
    CACHE_MIB: 64,
  });
});

it('settings read numbers as numbers, ignore other variables, and treat an empty value as unset', () => {
  const settings = readSettings(SampleSettings, {
    HEALTH_PORT: '8081',
    CACHE_MIB: '1024',
    LOG_LEVEL: '',
    NATS_URL: 'nats://a:1, nats://b:2',
    PATH: '/bin',
  });
  expect(settings).toMatchObject({ HEALTH_PORT: 8081, CACHE_MIB: 1024, LOG_LEVEL: 'info' });
  expect(settings.NATS_URL).toBe('nats://a:1, nats://b:2');
  expect(settings).not.toHaveProperty('PATH');
});

it('one error names every bad setting, its rule and its value', () => {
  expect(
    messageOf({ HEALTH_PORT: '70000', CACHE_MIB: '1.5', LOG_LEVEL: 'loud', LOG_FORMAT: 'xml', NATS_URL: 'localhost' }),
  ).toBe(
    [
      'NATS_URL must be one or several URLs nats://host:port, separated by commas; it is "localhost".',
      'LOG_LEVEL must be one of trace, debug, info, warn, error, fatal, silent; it is "loud".',
      'LOG_FORMAT must be json or pretty; it is "xml".',
      'HEALTH_PORT must be a port from 0 to 65535 (0: a free one); it is "70000".',
      'CACHE_MIB must be a whole number from 1 to 1024; it is "1.5".',
    ].join('\n'),
  );
});

it.each(['abc', '-1', '1e99', '1e3', '0x50', '+80', ' 80', '80 ', '80\r', ' ', '80.0', '٨٠', 'NaN', 'true'])(
  'the port %j is refused, and shown so that blanks are visible',
  (HEALTH_PORT) => {
    const rule = 'HEALTH_PORT must be a port from 0 to 65535 (0: a free one)';
    expect(messageOf({ HEALTH_PORT })).toBe(`${rule}; it is ${JSON.stringify(HEALTH_PORT)}.`);
  },
);

it.each(['[::1]', 'a b', 'http://h', '127.0.0.1:80', ' 127.0.0.1', '-h', ' '])(
  'the host %j is refused',
  (HEALTH_HOST) => {
    expect(messageOf({ HEALTH_HOST })).toContain(
      'HEALTH_HOST must be an IP address such as 127.0.0.1 or ::1, or a host name',
    );
  },
);

it.each(['::1', '0.0.0.0', 'localhost', 'my_host.example.'])('the host %s is accepted', (HEALTH_HOST) => {
  expect(readSettings(BaseSettings, { HEALTH_HOST }).HEALTH_HOST).toBe(HEALTH_HOST);
});

it.each(['_R_', '_R_, _GR_', 'replies.of-partners'])('NATS_REPLY_PREFIXES accepts %s', (NATS_REPLY_PREFIXES) => {
  expect(readSettings(SampleSettings, { NATS_REPLY_PREFIXES }).NATS_REPLY_PREFIXES).toBe(NATS_REPLY_PREFIXES);
});

it.each(['_R_.>', '_R_,', ',', '*', '$JS', 'group.v1.event', 'a b', '_R_.'])(
  'NATS_REPLY_PREFIXES rejects %s',
  (NATS_REPLY_PREFIXES) => {
    expect(messageOf({ NATS_REPLY_PREFIXES })).toContain('NATS_REPLY_PREFIXES must be tokens of reply subjects');
  },
);

it.each(['Production', 'PRODUCTION', 'production ', 'prod', 'staging', ' '])(
  'NODE_ENV=%j is refused: it could mean production',
  (NODE_ENV) => {
    expect(messageOf({ NODE_ENV })).toBe(
      `NODE_ENV must be development, test or production, or unset; it is ${JSON.stringify(NODE_ENV)}.`,
    );
  },
);

it.each([
  { EVENTSTORE_URL: 'http://admin:changeit@host:2113' },
  { EVENTSTORE_URL: 'esdb://admin:change/it@' },
  { EVENTSTORE_URL: 'kurrentdb://admin:changeit@host' },
  { EVENTSTORE_URL: 'esdb://admin:chang%eit@host' },
  { EVENTSTORE_URL: 'esdb://host?secret=changeit' },
  { NATS_URL: 'nats://admin:change it@' },
  { NATS_URL: 'nats://changeit@host:port' },
  { NATS_URL: 'nats://admin:change,it@host,host2' },
  { NATS_URL: 'admin:changeit@host' },
])('the error for %j shows nothing after the scheme', (env) => {
  const message = messageOf(env);
  expect(message).toMatch(/; it is "([a-z]+:\/\/)?\*\*\*"\.$/);
  expect(message).not.toMatch(/chang|it@|admin/);
});

it('a connection string is checked together with the files that it names', () => {
  const check = (options: string) => messageOf({ EVENTSTORE_URL: `esdb://host?${options}` });
  expect(check('tlsCAFile=/missing/ca.pem')).toContain(
    "EVENTSTORE_URL names a file by its option tlsCAFile that can't be read (ENOENT)",
  );
  expect(check(`tlsCAFile=${encodeURIComponent(__filename)}`)).toContain('that has no certificate in PEM');
  const both = `userCertFile=${encodeURIComponent(__filename)}&userKeyFile=${encodeURIComponent(__filename)}`;
  expect(check(both)).toContain('that are no certificate and its key in PEM');
});

it('a process reads only the settings that it declares', () => {
  expect(readSettings(BaseSettings, { EVENTSTORE_URL: 'nonsense' })).not.toHaveProperty('EVENTSTORE_URL');
});

it.each([
  'esdb://127.0.0.1:2113?tls=false',
  'esdb://a:2113,b:2113,c:2113?tls=true&nodePreference=leader',
  'esdb+discover://user:pass%40word@cluster.dns',
  'esdb://[::1]:2113/?tls=false',
])('EVENTSTORE_URL accepts the connection string %s', (url) => {
  expect(readSettings(EventStoreSettings, { EVENTSTORE_URL: url }).EVENTSTORE_URL).toBe(url);
});

it.each(['http://a:2113', 'esdb://', 'esdb://a:2113,', 'esdb://a b:2113', '127.0.0.1:2113'])(
  'EVENTSTORE_URL rejects the connection string %s',
  (url) => {
    expect(() => readSettings(EventStoreSettings, { EVENTSTORE_URL: url })).toThrow(
      'EVENTSTORE_URL must be a connection string such as esdb://127.0.0.1:2113?tls=false; it is',
    );
  },
);

it('EVENTSTORE_URL of a scheme that the client does not know is refused with the one to use', () => {
  expect(messageOf({ EVENTSTORE_URL: 'kurrentdb://host:2113?tls=false' })).toBe(
    'EVENTSTORE_URL must begin with esdb:// instead, which a KurrentDB server understands as well; ' +
      'it is "kurrentdb://host:2113?tls=false".',
  );
});

describe('a port that may be off', () => {
  class Switched {
    @IsPortOrOff()
    OWN_PORT: number | 'off' = 18_080;
  }
  const given = (OWN_PORT?: string) => readSettings(Switched, { OWN_PORT }).OWN_PORT;

  it('is a port, or off', () => {
    expect([undefined, '', '0', '65535', 'off'].map(given)).toEqual([18_080, 18_080, 0, 65_535, 'off']);
  });

  it.each(['OFF', 'none', '-1', '65536', '0x50', '80.5', 'true'])('%s is refused', (text) => {
    expect(() => given(text)).toThrow(
      `OWN_PORT must be a port from 0 to 65535 (0: a free one), or off; it is "${text}".`,
    );
  });
});
