import { parseDto } from '@cohort/contracts';
import { LanyingSettings } from './settings';

const parsed = (block: object) => parseDto(LanyingSettings, { appId: 'k', ...block }, Infinity);

test('a block that verifies no token is an error at the start; each kind of key is enough', () => {
  const message = 'appId needs secret, jwks or jwksUrl beside it, to verify tokens';
  expect(() => parsed({})).toThrow(message);
  const keys = [
    { secret: 's' },
    { secondSecret: 's' },
    { jwks: { keys: [] } },
    { jwksUrl: 'http://keys.example/jwks' },
  ];
  for (const key of keys) expect(parsed(key)).toMatchObject(key);
});
