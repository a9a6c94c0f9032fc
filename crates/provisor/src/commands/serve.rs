//! `provisor serve`.

use provisor_server::service::Service;

use super::until_asked_to_end;
use crate::logging;
use crate::settings::ServerArgs;

/// The variable that holds the token; not a flag, because command lines are visible to others.
const TOKEN_VARIABLE: &str = "PROVISOR_TOKEN";

/// Arguments of `provisor serve`.
#[derive(clap::Args)]
#[command(
    after_help = "The bearer token comes from PROVISOR_TOKEN, from --token-file, or is made at the first start \
                        and kept in DIR/token.\nEvery setting can be given as a flag, as a PROVISOR_* variable, or in \
                        the file of --config (the flag's name with underscores), in that precedence.\nWhoever has \
                        the bearer token is the administrator. Applications get access tokens of their own at \
                        /TENANT/oauth2/v2.0/token, by client credentials: POST /v1.0/applications/ID/addPassword \
                        makes a secret, and appRoleAssignments on the service principal of Microsoft Graph give \
                        permissions.\nSIGTERM stops: what is in flight is put down and nothing is lost."
)]
pub(crate) struct ServeArgs {
    #[command(flatten)]
    server: ServerArgs,
}

/// Serves until asked to end.
#[expect(clippy::print_stdout, reason = "the address is what scripts read")]
pub(crate) async fn run(args: ServeArgs) -> anyhow::Result<()> {
    let token = std::env::var(TOKEN_VARIABLE).ok().filter(|token| !token.trim().is_empty());
    let resolved = args.server.resolve(token)?;
    logging::start(resolved.log_format, &resolved.log_level)?;
    let end = until_asked_to_end();
    let data_dir = resolved.server.data_dir.clone();
    let service = Service::start(resolved.server).await?;
    if let Some(file) = &resolved.own_token {
        tracing::info!(file = %file.display(), "clients authenticate with the bearer token in this file");
    }
    tracing::info!(address = %service.address(), data_dir = %data_dir.display(), "serving");
    if let Some(file) = service.own_certificate() {
        tracing::info!(file = %file.display(), "clients must trust the certificate in this file");
        println!("certificate={}", file.display());
    }
    println!("url={}/v1.0", service.url());
    end.cancelled().await;
    tracing::info!("stopping: putting down what is in flight");
    service.stop().await;
    tracing::info!("stopped");
    Ok(())
}
