import { IsString } from 'class-validator';
import { BaseSettings, EventStoreSettings, IsWhole, readSettings } from './settings';
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

it.each([
  ['abc', 'HEALTH_PORT'],
  ['-1', 'HEALTH_PORT'],
  ['1e99', 'HEALTH_PORT'],
])('refuses the port %s', (HEALTH_PORT) => {
  expect(messageOf({ HEALTH_PORT })).toContain(`it is "${HEALTH_PORT}"`);
});

it('an error never shows the credentials in a URL', () => {
  const message = messageOf({ EVENTSTORE_URL: 'http://admin:changeit@host:2113' });
  expect(message).toContain('it is "http://***@host:2113"');
  expect(message).not.toContain('changeit');
});

it('a process reads only the settings that it declares', () => {
  expect(readSettings(BaseSettings, { EVENTSTORE_URL: 'nonsense' })).not.toHaveProperty('EVENTSTORE_URL');
});

it.each([
  'esdb://127.0.0.1:2113?tls=false',
  'esdb://a:2113,b:2113,c:2113?tls=true&nodePreference=leader',
  'esdb+discover://user:pass%40word@cluster.dns',
  'kurrentdb://[::1]:2113/?tls=false',
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
