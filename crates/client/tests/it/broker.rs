//! A broker whose answers a test writes down. It is node 0, leads everything and coordinates everybody.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use bytes::{BufMut, Bytes, BytesMut};
use klamm_base::codec::{Message, Reader, Writer};
use klamm_base::{ErrorCode, Uuid};
use klamm_client::{Address, Cluster, ClusterOptions, Request};
use klamm_wire::api_versions::ApiVersion;
use klamm_wire::find_coordinator::Coordinator;
use klamm_wire::metadata::{MetadataResponseBroker, MetadataResponsePartition, MetadataResponseTopic};
use klamm_wire::{
    ApiKey, ApiVersionsResponse, FindCoordinatorRequest, FindCoordinatorResponse, MetadataRequest,
    MetadataResponse, RequestHeader, ResponseHeader,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What somebody asked.
#[derive(Clone, Debug)]
pub struct Asked {
    pub api: ApiKey,
    pub version: i16,
    body: Bytes,
}

impl Asked {
    pub fn read<Q: Request>(&self) -> Q {
        assert_eq!(self.api, Q::KEY);
        Q::from_bytes(self.body.clone(), self.version).expect("our client's own words")
    }

    pub fn answer<M: Message>(&self, message: &M) -> Reply {
        Reply::Answer(message.to_bytes(self.version).expect("an answer of this version"))
    }
}

pub enum Reply {
    Answer(Bytes),
    /// The connection ends instead.
    HangUp,
    /// No answer ever.
    Silence,
}

type Script = Box<dyn FnMut(&Asked) -> Option<Reply> + Send>;

/// A running broker, and what it was asked, but for ApiVersions.
#[derive(Clone)]
pub struct Broker {
    pub port: u16,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Broker {
    /// `script` answers; what it leaves is answered as a broker with topics of these counts of partitions would.
    pub async fn start(
        topics: &[(&str, i32)],
        script: impl FnMut(&Asked) -> Option<Reply> + Send + 'static,
    ) -> Broker {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let broker = Broker { port, asked: Arc::default() };
        let topics: BTreeMap<String, i32> =
            topics.iter().map(|(topic, count)| ((*topic).to_owned(), *count)).collect();
        let script: Arc<Mutex<Script>> = Arc::new(Mutex::new(Box::new(script)));
        let served = broker.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, served.clone(), topics.clone(), script.clone()));
            }
        });
        broker
    }

    pub fn cluster(&self) -> Cluster {
        Cluster::new(ClusterOptions::new(vec![Address::new("127.0.0.1", self.port)]))
    }

    /// The requests of these kinds so far, in their order.
    pub fn asked(&self, apis: &[ApiKey]) -> Vec<Asked> {
        let asked = self.asked.lock().expect("no panic");
        asked.iter().filter(|asked| apis.contains(&asked.api)).cloned().collect()
    }
}

async fn serve(
    mut stream: TcpStream,
    broker: Broker,
    topics: BTreeMap<String, i32>,
    script: Arc<Mutex<Script>>,
) {
    while let Ok(size) = stream.read_i32().await {
        let mut frame = vec![0; usize::try_from(size).expect("a size")];
        if stream.read_exact(&mut frame).await.is_err() {
            return;
        }
        let (asked, correlation_id) = parse(frame.into());
        if asked.api != ApiKey::ApiVersions {
            broker.asked.lock().expect("no panic").push(asked.clone());
        }
        let scripted = script.lock().expect("no panic")(&asked);
        let reply = match scripted {
            Some(reply) => reply,
            None => usual(&asked, broker.port, &topics),
        };
        match reply {
            Reply::HangUp => return,
            Reply::Silence => {}
            Reply::Answer(body) => {
                let frame = framed(&asked, correlation_id, &body);
                if stream.write_all(&frame).await.is_err() {
                    return;
                }
            }
        }
    }
}

fn parse(frame: Bytes) -> (Asked, i32) {
    let key = i16::from_be_bytes([frame[0], frame[1]]);
    let version = i16::from_be_bytes([frame[2], frame[3]]);
    let api = ApiKey::from_key(key).expect("an API that we know");
    let mut reader = Reader::new(frame);
    let header = RequestHeader::decode(&mut reader, api.request_header_version(version)).expect("a header");
    (Asked { api, version, body: reader.rest() }, header.correlation_id)
}

fn framed(asked: &Asked, correlation_id: i32, body: &[u8]) -> Bytes {
    let mut writer = Writer::new();
    let header = ResponseHeader { correlation_id };
    header.encode(&mut writer, asked.api.response_header_version(asked.version)).expect("a header");
    let header = writer.into_bytes();
    let mut frame = BytesMut::new();
    frame.put_i32((header.len() + body.len()) as i32);
    frame.extend_from_slice(&header);
    frame.extend_from_slice(body);
    frame.freeze()
}

fn usual(asked: &Asked, port: u16, topics: &BTreeMap<String, i32>) -> Reply {
    match asked.api {
        ApiKey::ApiVersions => {
            let keys = ApiKey::ALL.iter().map(|api| ApiVersion {
                api_key: api.key(),
                min_version: api.stable_versions().min,
                max_version: api.stable_versions().max,
            });
            asked.answer(&ApiVersionsResponse { api_keys: keys.collect(), ..ApiVersionsResponse::default() })
        }
        ApiKey::Metadata => asked.answer(&metadata(&asked.read(), port, topics)),
        ApiKey::FindCoordinator => {
            let keys = asked.read::<FindCoordinatorRequest>().coordinator_keys.into_iter();
            let coordinators = keys.map(|key| Coordinator { key, node_id: 0, ..Coordinator::default() });
            asked.answer(&FindCoordinatorResponse {
                coordinators: coordinators.collect(),
                ..FindCoordinatorResponse::default()
            })
        }
        api => panic!("no answer to {api} is written down"),
    }
}

fn metadata(request: &MetadataRequest, port: u16, topics: &BTreeMap<String, i32>) -> MetadataResponse {
    let topic = |name: &String| {
        let partition = |partition_index| MetadataResponsePartition {
            partition_index,
            leader_id: 0,
            leader_epoch: 5,
            ..MetadataResponsePartition::default()
        };
        let count = topics.get(name).copied();
        let unknown = ErrorCode::UnknownTopicOrPartition.code();
        MetadataResponseTopic {
            error_code: if count.is_none() { unknown } else { 0 },
            name: Some(name.clone()),
            topic_id: id_of(name),
            partitions: (0..count.unwrap_or(0)).map(partition).collect(),
            ..MetadataResponseTopic::default()
        }
    };
    let names: Vec<String> = match &request.topics {
        Some(asked) => asked.iter().filter_map(|topic| topic.name.clone()).collect(),
        None => topics.keys().cloned().collect(),
    };
    MetadataResponse {
        brokers: vec![MetadataResponseBroker {
            node_id: 0,
            host: "127.0.0.1".to_owned(),
            port: port.into(),
            ..MetadataResponseBroker::default()
        }],
        topics: names.iter().map(topic).collect(),
        controller_id: 0,
        ..MetadataResponse::default()
    }
}

/// The id of a topic, made of its name.
pub fn id_of(name: &str) -> Uuid {
    Uuid::from_halves(1, name.bytes().map(u64::from).sum())
}
