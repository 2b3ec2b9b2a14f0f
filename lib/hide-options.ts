import type { Provider } from '@nestjs/common';

/** Keeps the options out of prints: Nest keeps providers within reach of its printable objects. */
export function hideOptions(providers: readonly Provider[] | undefined, token: symbol): Provider[] {
  return (providers ?? []).map((provider) => hideIfOptions(provider, token));
}

function hideIfOptions(provider: Provider, token: symbol): Provider {
  if (!('provide' in provider) || provider.provide !== token) {
    return provider;
  }
  if ('useValue' in provider) {
    const options = provider.useValue as unknown;
    return { ...provider, useValue: () => options };
  }
  if ('useFactory' in provider) {
    const { useFactory } = provider;
    return {
      ...provider,
      useFactory: async (...injected: unknown[]) => {
        const options = (await useFactory(...injected)) as unknown;
        return () => options;
      },
    };
  }
  return provider;
}
