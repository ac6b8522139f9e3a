// The client of nixlint's language server: it starts the server and hands it the settings.
import { type ExtensionContext, commands, window, workspace } from "vscode";
import { LanguageClient, type LanguageClientOptions, type ServerOptions } from "vscode-languageclient/node";

let client: LanguageClient | undefined;

function create(): LanguageClient {
  const settings = workspace.getConfiguration("nixlint");
  const [command = "nixlint", ...args] = settings.get<string[]>("command") ?? [];
  const server: ServerOptions = { command, args };
  const options: LanguageClientOptions = {
    documentSelector: [
      { language: "nix" },
      { scheme: "file", pattern: "**/flake.lock" },
    ],
    initializationOptions: {
      nixlint: {
        features: settings.get<object>("features") ?? {},
        formatter: settings.get<string[] | null>("formatter") ?? null,
      },
    },
    synchronize: { configurationSection: "nixlint" },
  };
  return new LanguageClient("nixlint", "nixlint", server, options);
}

async function start(): Promise<void> {
  const made = create();
  client = made;
  try {
    await made.start();
  } catch (error) {
    // Nobody can work without the command, so this one is worth a message.
    const shown = await window.showErrorMessage(
      `nixlint did not start: ${String(error)}. Install it with "pipx install nixlint", or set "nixlint.command".`,
      "Show output",
    );
    if (shown !== undefined) {
      made.outputChannel.show();
    }
  }
}

async function stop(): Promise<void> {
  const running = client;
  client = undefined;
  await running?.dispose();
}

export async function activate(context: ExtensionContext): Promise<void> {
  context.subscriptions.push(
    commands.registerCommand("nixlint.restart", async () => {
      await stop();
      await start();
    }),
    commands.registerCommand("nixlint.showOutput", () => client?.outputChannel.show()),
    workspace.onDidChangeConfiguration(async (event) => {
      const decisive = ["nixlint.command", "nixlint.features", "nixlint.formatter"];
      if (decisive.some((name) => event.affectsConfiguration(name))) {
        await stop();
        await start();
      }
    }),
  );
  await start();
}

export async function deactivate(): Promise<void> {
  await stop();
}
