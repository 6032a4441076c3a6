export * from './facts';
export * from './operations';
