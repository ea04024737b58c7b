//! What every request goes through: header, table, body, answer. Each is decoded and encoded once.

use bytes::{BufMut, Bytes};
use klamm_base::Now;
use klamm_base::codec::{DecodeError, Message, Reader, Sink, Writer};
use klamm_log::FileSlice;
use klamm_wire::{ApiKey, RequestHeader, ResponseHeader};

use super::partition::produce::Produced;
use super::{Api, cluster, config, connection, controller, find, group, partition, transaction};
use crate::answer::{Answer, CloseReason, RecordsGap, Reply};
use crate::broker::Broker;
use crate::request::{Connection, RequestContext};
use crate::request_memory::Held;
use std::sync::Arc;

/// Bytes of API key and API version at the start of every request.
const KEY_AND_VERSION: usize = 4;

/// An answer on its way out: a message, and the records that belong into its gaps, in order.
struct Response<M> {
    message: M,
    records: Vec<FileSlice>,
}

impl<M> From<M> for Response<M> {
    fn from(message: M) -> Response<M> {
        Response { message, records: Vec::new() }
    }
}

/// Serves one frame from the first byte behind its size.
pub async fn serve(broker: &Broker, connection: Arc<Connection>, frame: Bytes, now: Now) -> Answer {
    match open(connection, frame, broker.request_memory.request_max, now) {
        Ok((api, context, body)) => {
            let held = broker.request_memory.begin();
            let call = Call { broker, context: &context, key: api.key, body, held };
            match dispatch(call).await {
                Ok(answer) => answer,
                Err(why) => Answer::Close(why.close_reason(api.key, context.api_version)),
            }
        }
        Err(Refused::Close(reason)) => Answer::Close(reason),
        Err(Refused::UnknownApiVersions(correlation_id)) => {
            reply(ApiKey::ApiVersions, 0, correlation_id, &connection::api_versions::unsupported().into())
        }
    }
}

/// Why a frame gets no further than its header.
enum Refused {
    Close(CloseReason),
    /// ApiVersions in a version nobody knows: the one case that is answered (KIP-511).
    UnknownApiVersions(i32),
}

/// Reads the header and finds the API's row.
fn open(
    connection: Arc<Connection>,
    frame: Bytes,
    memory_max: usize,
    now: Now,
) -> Result<(&'static Api, RequestContext, Reader), Refused> {
    let Some(&[a, b, c, d]) = frame.first_chunk::<KEY_AND_VERSION>() else {
        return Err(Refused::Close(CloseReason::CutOff { len: frame.len() }));
    };
    let (api_key, api_version) = (i16::from_be_bytes([a, b]), i16::from_be_bytes([c, d]));
    let unknown = Refused::Close(CloseReason::UnknownApi { api_key, api_version });
    let Some(key) = ApiKey::from_key(api_key) else { return Err(unknown) };
    let Some(api) = find(key).filter(|api| api.listeners.serve(connection.role)) else { return Err(unknown) };
    let mut reader = Reader::bounded(frame, memory_max);
    let header = RequestHeader::decode(&mut reader, key.request_header_version(api_version))
        .map_err(|error| Refused::Close(CloseReason::Malformed { api_key, api_version, error }))?;
    if !api.versions.contains(&api_version) {
        return Err(match key {
            ApiKey::ApiVersions => Refused::UnknownApiVersions(header.correlation_id),
            _ => Refused::Close(CloseReason::UnsupportedVersion { api_key, api_version }),
        });
    }
    let RequestHeader { correlation_id, client_id, .. } = header;
    Ok((api, RequestContext { connection, api_version, correlation_id, client_id, now }, reader))
}

/// A request on its way to the function of its API.
struct Call<'a> {
    broker: &'a Broker,
    context: &'a RequestContext,
    key: ApiKey,
    body: Reader,
    /// What the decoded body takes, until the answer is there.
    held: Held<'a>,
}

impl Call<'_> {
    fn decode<M: Message>(&mut self) -> Result<M, Undecoded> {
        let budget = self.body.budget();
        let message = M::decode(&mut self.body, self.context.api_version).map_err(Undecoded::Malformed)?;
        let needed = budget - self.body.budget();
        if self.held.take(needed) { Ok(message) } else { Err(Undecoded::TooMuchMemory { needed }) }
    }

    fn reply<M: Message>(&self, response: &Response<M>) -> Answer {
        let RequestContext { api_version, correlation_id, .. } = *self.context;
        let max = self.broker.response_max;
        reply(self.key, api_version, correlation_id, response).bounded(max, self.key, api_version)
    }
}

/// Why there is no message to answer.
enum Undecoded {
    Malformed(DecodeError),
    TooMuchMemory { needed: usize },
}

impl Undecoded {
    fn close_reason(self, key: ApiKey, api_version: i16) -> CloseReason {
        let api_key = key.key();
        match self {
            Undecoded::Malformed(error) => CloseReason::Malformed { api_key, api_version, error },
            Undecoded::TooMuchMemory { needed } => {
                CloseReason::TooMuchMemory { api_key, api_version, needed }
            }
        }
    }
}

macro_rules! decode {
    ($call:ident) => {
        $call.decode()?
    };
}

macro_rules! answer {
    ($call:ident, $message:expr) => {{
        let message = $message;
        $call.reply(&Response::from(message))
    }};
}

/// Decided elsewhere, and boxed: what waits seldom must not make every request large.
macro_rules! decided {
    ($call:ident, $handle:path) => {
        answer!($call, Box::pin($handle($call.broker, $call.context, decode!($call))).await)
    };
}

/// Decodes the body and hands it to the API's function with its owner's handle.
async fn dispatch(mut call: Call<'_>) -> Result<Answer, Undecoded> {
    let Call { broker, context, .. } = call;
    Ok(match call.key {
        ApiKey::Produce => match partition::produce::handle(broker, context, decode!(call)).await {
            Produced::Response(message) => answer!(call, message),
            Produced::NoReply => Answer::NoReply,
            Produced::Failed(error) => Answer::Close(CloseReason::ProduceFailed { error }),
        },
        ApiKey::Fetch => {
            let (message, records) = partition::fetch::handle(broker, context, decode!(call)).await;
            call.reply(&Response { message, records })
        }
        ApiKey::ListOffsets => answer!(call, partition::list_offsets::handle(broker, context, decode!(call))),
        ApiKey::OffsetForLeaderEpoch => {
            answer!(call, partition::offset_for_leader_epoch::handle(broker, decode!(call)))
        }
        ApiKey::DeleteRecords => {
            answer!(call, Box::pin(partition::delete_records::handle(broker, decode!(call))).await)
        }
        ApiKey::DescribeLogDirs => {
            answer!(call, partition::describe_log_dirs::handle(broker, &decode!(call)))
        }
        ApiKey::DescribeProducers => {
            answer!(call, partition::describe_producers::handle(broker, &decode!(call)))
        }
        ApiKey::Metadata => answer!(call, cluster::metadata::handle(broker, context, decode!(call))),
        ApiKey::DescribeCluster => {
            answer!(call, cluster::describe_cluster::handle(broker, context, decode!(call)))
        }
        ApiKey::DescribeTopicPartitions => {
            answer!(call, cluster::describe_topic_partitions::handle(broker, context, decode!(call)))
        }
        ApiKey::DescribeConfigs => {
            answer!(call, Box::pin(config::describe_configs::handle(broker, decode!(call))).await)
        }
        ApiKey::ListConfigResources => {
            answer!(call, config::list_config_resources::handle(broker, context, decode!(call)))
        }
        ApiKey::IncrementalAlterConfigs => decided!(call, config::incremental_alter_configs::handle),
        ApiKey::AlterConfigs => decided!(call, config::alter_configs::handle),
        ApiKey::ApiVersions => {
            answer!(call, connection::api_versions::handle(broker, context, decode!(call)))
        }
        ApiKey::CreateTopics => decided!(call, controller::create_topics::handle),
        ApiKey::DeleteTopics => decided!(call, controller::delete_topics::handle),
        ApiKey::CreatePartitions => decided!(call, controller::create_partitions::handle),
        ApiKey::DescribeQuorum => {
            answer!(call, controller::describe_quorum::handle(broker, context, decode!(call)))
        }
        ApiKey::UpdateFeatures => decided!(call, controller::update_features::handle),
        ApiKey::ElectLeaders => decided!(call, controller::elect_leaders::handle),
        ApiKey::AlterPartitionReassignments => {
            decided!(call, controller::alter_partition_reassignments::handle)
        }
        ApiKey::ListPartitionReassignments => {
            decided!(call, controller::list_partition_reassignments::handle)
        }
        ApiKey::UnregisterController => decided!(call, controller::unregister_controller::handle),
        ApiKey::UnregisterBroker => decided!(call, controller::unregister_broker::handle),
        ApiKey::AllocateProducerIds => decided!(call, controller::allocate_producer_ids::handle),
        ApiKey::AssignReplicasToDirs => decided!(call, controller::assign_replicas_to_dirs::handle),
        ApiKey::InitProducerId => decided!(call, transaction::init_producer_id::handle),
        _ => return dispatch_to_groups(call).await,
    })
}

/// The same for coordinators of groups.
async fn dispatch_to_groups(mut call: Call<'_>) -> Result<Answer, Undecoded> {
    let Call { broker, context, key, .. } = call;
    Ok(match key {
        ApiKey::OffsetCommit => decided!(call, group::offset_commit::handle),
        ApiKey::OffsetFetch => decided!(call, group::offset_fetch::handle),
        ApiKey::FindCoordinator => {
            answer!(call, group::find_coordinator::handle(broker, context, decode!(call)))
        }
        ApiKey::JoinGroup => decided!(call, group::join_group::handle),
        ApiKey::SyncGroup => decided!(call, group::sync_group::handle),
        ApiKey::Heartbeat => decided!(call, group::heartbeat::handle),
        ApiKey::LeaveGroup => decided!(call, group::leave_group::handle),
        ApiKey::DescribeGroups => {
            answer!(call, group::describe_groups::handle(broker, context, decode!(call)))
        }
        ApiKey::ListGroups => answer!(call, group::list_groups::handle(broker, decode!(call))),
        ApiKey::DeleteGroups => decided!(call, group::delete_groups::handle),
        ApiKey::OffsetDelete => decided!(call, group::offset_delete::handle),
        _ => unreachable!("{key} has a row in the table, but no function"),
    })
}

/// Encodes an answer: size, header, body, with the records as gaps.
fn reply<M: Message>(key: ApiKey, version: i16, correlation_id: i32, response: &Response<M>) -> Answer {
    let mut writer = Writer::new();
    writer.i32(0);
    let header = ResponseHeader { correlation_id };
    header
        .encode(&mut writer, key.response_header_version(version))
        .and_then(|()| response.message.encode(&mut writer, version))
        .unwrap_or_else(|error| panic!("the answer of {key} v{version} cannot be written: {error}"));
    let size = writer.total_len() - size_of::<i32>();
    // A size that does not fit belongs to an answer that is not sent.
    let size = i32::try_from(size).unwrap_or(i32::MAX);
    (&mut writer.buf[..size_of::<i32>()]).put_i32(size);
    assert_eq!(writer.gaps.len(), response.records.len(), "gaps and records of an answer of {key}");
    let gaps = writer.gaps.iter().zip(&response.records);
    let gaps = gaps.map(|(gap, slice)| RecordsGap { at: gap.at, slice: slice.clone() }).collect();
    Answer::Reply(Reply { bytes: writer.buf.freeze(), gaps, throttle_ms: 0, errors: writer.errors })
}
