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
    match open(connection, frame, now) {
        Ok((api, context, body)) => match dispatch(broker, api, &context, body).await {
            Ok(answer) => answer,
            Err(error) => Answer::Close(CloseReason::Malformed {
                api_key: api.key.key(),
                api_version: context.api_version,
                error,
            }),
        },
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
    now: Now,
) -> Result<(&'static Api, RequestContext, Reader), Refused> {
    let Some(&[a, b, c, d]) = frame.first_chunk::<KEY_AND_VERSION>() else {
        return Err(Refused::Close(CloseReason::CutOff { len: frame.len() }));
    };
    let (api_key, api_version) = (i16::from_be_bytes([a, b]), i16::from_be_bytes([c, d]));
    let unknown = Refused::Close(CloseReason::UnknownApi { api_key, api_version });
    let Some(key) = ApiKey::from_key(api_key) else { return Err(unknown) };
    let Some(api) = find(key).filter(|api| api.listeners.serve(connection.role)) else { return Err(unknown) };
    let mut reader = Reader::new(frame);
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

/// Decodes the body and hands it to the API's function with its owner's handle.
async fn dispatch(
    broker: &Broker,
    api: &Api,
    context: &RequestContext,
    mut body: Reader,
) -> Result<Answer, DecodeError> {
    let (key, version) = (api.key, context.api_version);
    macro_rules! decode {
        () => {
            Message::decode(&mut body, version)?
        };
    }
    macro_rules! answer {
        ($message:expr) => {
            reply(key, version, context.correlation_id, &Response::from($message))
        };
    }
    // Decided elsewhere, and boxed: what waits seldom must not make every request large.
    macro_rules! decided {
        ($handle:path) => {
            answer!(Box::pin($handle(broker, context, decode!())).await)
        };
    }
    Ok(match key {
        ApiKey::Produce => match partition::produce::handle(broker, context, decode!()).await {
            Produced::Response(message) => answer!(message),
            Produced::NoReply => Answer::NoReply,
            Produced::Failed(error) => Answer::Close(CloseReason::ProduceFailed { error }),
        },
        ApiKey::Fetch => {
            let (message, records) = partition::fetch::handle(broker, context, decode!()).await;
            reply(key, version, context.correlation_id, &Response { message, records })
        }
        ApiKey::ListOffsets => answer!(partition::list_offsets::handle(broker, context, decode!())),
        ApiKey::OffsetForLeaderEpoch => {
            answer!(partition::offset_for_leader_epoch::handle(broker, decode!()))
        }
        ApiKey::DeleteRecords => {
            answer!(Box::pin(partition::delete_records::handle(broker, decode!())).await)
        }
        ApiKey::DescribeLogDirs => answer!(partition::describe_log_dirs::handle(broker, &decode!())),
        ApiKey::DescribeProducers => answer!(partition::describe_producers::handle(broker, &decode!())),
        ApiKey::Metadata => answer!(cluster::metadata::handle(broker, context, decode!())),
        ApiKey::DescribeCluster => answer!(cluster::describe_cluster::handle(broker, context, decode!())),
        ApiKey::DescribeTopicPartitions => {
            answer!(cluster::describe_topic_partitions::handle(broker, context, decode!()))
        }
        ApiKey::DescribeConfigs => answer!(config::describe_configs::handle(broker, decode!())),
        ApiKey::ListConfigResources => {
            answer!(config::list_config_resources::handle(broker, context, decode!()))
        }
        ApiKey::IncrementalAlterConfigs => decided!(config::incremental_alter_configs::handle),
        ApiKey::AlterConfigs => decided!(config::alter_configs::handle),
        ApiKey::ApiVersions => answer!(connection::api_versions::handle(broker, context, decode!())),
        ApiKey::OffsetCommit => decided!(group::offset_commit::handle),
        ApiKey::OffsetFetch => decided!(group::offset_fetch::handle),
        ApiKey::FindCoordinator => {
            answer!(group::find_coordinator::handle(broker, context, decode!()))
        }
        ApiKey::JoinGroup => decided!(group::join_group::handle),
        ApiKey::SyncGroup => decided!(group::sync_group::handle),
        ApiKey::Heartbeat => decided!(group::heartbeat::handle),
        ApiKey::LeaveGroup => decided!(group::leave_group::handle),
        ApiKey::DescribeGroups => answer!(group::describe_groups::handle(broker, context, decode!())),
        ApiKey::ListGroups => answer!(group::list_groups::handle(broker, decode!())),
        ApiKey::DeleteGroups => decided!(group::delete_groups::handle),
        ApiKey::OffsetDelete => decided!(group::offset_delete::handle),
        ApiKey::CreateTopics => decided!(controller::create_topics::handle),
        ApiKey::DeleteTopics => decided!(controller::delete_topics::handle),
        ApiKey::CreatePartitions => decided!(controller::create_partitions::handle),
        ApiKey::DescribeQuorum => answer!(controller::describe_quorum::handle(broker, context, decode!())),
        ApiKey::UpdateFeatures => decided!(controller::update_features::handle),
        ApiKey::ElectLeaders => decided!(controller::elect_leaders::handle),
        ApiKey::AlterPartitionReassignments => decided!(controller::alter_partition_reassignments::handle),
        ApiKey::ListPartitionReassignments => decided!(controller::list_partition_reassignments::handle),
        ApiKey::UnregisterController => decided!(controller::unregister_controller::handle),
        ApiKey::UnregisterBroker => decided!(controller::unregister_broker::handle),
        ApiKey::AllocateProducerIds => decided!(controller::allocate_producer_ids::handle),
        ApiKey::AssignReplicasToDirs => decided!(controller::assign_replicas_to_dirs::handle),
        ApiKey::InitProducerId => decided!(transaction::init_producer_id::handle),
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
    let size = i32::try_from(size).unwrap_or_else(|_| panic!("an answer of {key} of {size} bytes"));
    (&mut writer.buf[..size_of::<i32>()]).put_i32(size);
    assert_eq!(writer.gaps.len(), response.records.len(), "gaps and records of an answer of {key}");
    let gaps = writer.gaps.iter().zip(&response.records);
    let gaps = gaps.map(|(gap, slice)| RecordsGap { at: gap.at, slice: slice.clone() }).collect();
    Answer::Reply(Reply { bytes: writer.buf.freeze(), gaps, throttle_ms: 0 })
}
