import { Logger } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { AppModule } from './app.module.js';

const app = await NestFactory.create(AppModule);
app.enableShutdownHooks();
// No route asks for a login, so only this machine may call them.
await app.listen(process.env['PORT'] ?? 3_000, '127.0.0.1');
new Logger('SampleApp').log(`Listening on ${await app.getUrl()}`);
