import type { OnApplicationShutdown, OnModuleDestroy, OnModuleInit } from '@nestjs/common';
import type { ModulesContainer } from '@nestjs/core';

/**
 * Nest calls no shutdown hooks of a module that `LazyModuleLoader` loaded, so its connection and its timer would outlive
 * the application. Such a module gets the shutdown from a module that was there from the start.
 */
export class LateShutdown implements OnModuleInit {
  private isLoadedWithOthers = false;

  constructor(private readonly modules: ModulesContainer) {}

  onModuleInit(): void {
    this.isLoadedWithOthers = true;
  }

  /** Calls these hooks when the application is closed, unless Nest does so itself. */
  follow(hooks: OnModuleDestroy & OnApplicationShutdown): void {
    const [first] = this.modules.values();
    first?.addProvider({
      provide: Symbol('QUIQUP_LATE_SHUTDOWN'),
      useValue: {
        onModuleDestroy: () => (this.isLoadedWithOthers ? undefined : (hooks.onModuleDestroy() as unknown)),
        onApplicationShutdown: () => (this.isLoadedWithOthers ? undefined : (hooks.onApplicationShutdown() as unknown)),
      },
    });
  }
}
