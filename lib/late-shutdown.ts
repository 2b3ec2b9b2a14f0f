import type { OnApplicationShutdown, OnModuleDestroy, OnModuleInit } from '@nestjs/common';
import type { ModulesContainer } from '@nestjs/core';

/**
 * Nest calls no hooks of a module that `LazyModuleLoader` has loaded, so that its connection and its timer would outlive
 * the application. Such a module hears of the shutdown through one that was there from the start.
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
