//! The baseline of `api`: the same HTTP framework, a handler that knows its answer.

use std::convert::Infallible;

use bytes::Bytes;
use http::Response;
use http_body_util::Full;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use tokio::net::TcpListener;

/// Arguments of the hidden `bare-handler` command.
#[derive(clap::Args)]
pub(crate) struct BareArgs {
    /// How many bytes every answer has.
    #[arg(long)]
    bytes: usize,
}

/// Answers every request with the same body: prints where it listens.
#[expect(clippy::print_stdout, reason = "what the measuring process reads")]
pub(crate) async fn run(args: BareArgs) -> anyhow::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("http://{}", listener.local_addr()?);
    let body = Bytes::from(vec![b' '; args.bytes]);
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let body = body.clone();
        tokio::spawn(async move {
            let service = service_fn(move |_request| {
                let mut response = Response::new(Full::new(body.clone()));
                let json = http::HeaderValue::from_static("application/json");
                response.headers_mut().insert(http::header::CONTENT_TYPE, json);
                async move { Ok::<_, Infallible>(response) }
            });
            let builder = auto::Builder::new(TokioExecutor::new());
            let _the_client_went = builder.serve_connection(TokioIo::new(stream), service).await;
        });
    }
}
