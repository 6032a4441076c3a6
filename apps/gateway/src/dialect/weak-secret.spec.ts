import { whyWeak } from './weak-secret';

it.each(['x', 'secret', '12345678901', 'demo-secret'])('the secret %s is too short', (secret) => {
  expect(whyWeak(secret)).toBe('must have at least 12 characters');
});

it.each([
  'aaaaaaaaaaaaaaaa',
  'abababababababab',
  'x7Kp2qx7Kp2q',
  '123456789012',
  'abcdefghijklmnop',
  'zyxwvutsrqponm',
  'aabbccddeeffgghh',
  'password1234',
  'changeme2026!',
  'demo-secret-2026',
  'your-app-secret-here',
  'MyRongCloudAppSecret',
])('the secret %s is too easily guessed', (secret) => {
  expect(whyWeak(secret)).toBe('is too easily guessed: use random characters');
});

it.each(['AzZGtxkUiCTA', '5ZjqnXzkXF6y', '9f86d081884c7d65', 'correct horse battery staple', 'tQ3vK8wB1nR5yL2mZ7xC'])(
  'the secret %s is accepted',
  (secret) => {
    expect(whyWeak(secret)).toBeUndefined();
  },
);
