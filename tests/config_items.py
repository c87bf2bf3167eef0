"""One configuration item of every type that ``import config`` takes, and what the API says of it.

Each row: Config's type, the item's configuration in Config's names, what else the item has, and
by call (``client.operation[.subject]``) the answer of the API that means the same.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from config_files import ACCOUNT, REGION

TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "ec2.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ],
}
ADMIN = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
}
READ = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}],
}
OPEN = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}],
}
SINCE = "2026-01-02T03:04:05Z"
CONFIG_TAG = {"key": "team", "value": "red"}
TEAM = [{"Key": "team", "Value": "red"}]
EC2 = f"arn:aws:ec2:{REGION}:{ACCOUNT}:"
RDS = f"arn:aws:rds:{REGION}:{ACCOUNT}:"
LB = f"arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}:loadbalancer/app/web/1"
LISTENER = f"arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}:listener/app/web/1/2"
FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:pay"
KEY_ARN = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/1-2"
TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:news"
QUEUE = f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/jobs"
SECRET = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:db-AbCdEf"
CERTIFICATE = f"arn:aws:acm:{REGION}:{ACCOUNT}:certificate/1"
FILES = f"arn:aws:elasticfilesystem:{REGION}:{ACCOUNT}:file-system/fs-1"
IAM = f"arn:aws:iam::{ACCOUNT}:"
OWNER = "aa" * 32


@dataclass(frozen=True)
class Row:
    """One type's item and its twin."""

    kind: str
    id: str
    configuration: dict[str, Any]
    answers: dict[str, Any]
    more: dict[str, Any] = field(default_factory=dict)
    place: str = REGION


def _iam(kind: str, name: str, configuration: dict, listed: dict, member: str) -> Row:
    return Row(
        f"IAM::{kind}",
        name,
        configuration,
        {"iam.get_account_authorization_details": {member: [listed]}},
        {"awsRegion": "global"},
        "global",
    )


ROWS = (
    Row(
        "EC2::Instance",
        "i-1",
        {
            "amiLaunchIndex": 0,
            "imageId": "ami-1",
            "instanceId": "i-1",
            "instanceType": "t3.micro",
            "kernelId": None,
            "launchTime": "2026-01-02T03:04:05.000Z",
            "state": {"code": 16, "name": "running"},
            "subnetId": "subnet-1",
            "vpcId": "vpc-1",
            "publicIpAddress": "198.51.100.7",
            "iamInstanceProfile": {"arn": f"{IAM}instance-profile/app", "id": "AIPA1"},
            "metadataOptions": {"httpTokens": "optional", "httpPutResponseHopLimit": 2},
            "networkInterfaces": [
                {
                    "networkInterfaceId": "eni-1",
                    "groups": [{"groupId": "sg-1", "groupName": "web"}],
                    "privateIpAddress": "10.0.0.7",
                }
            ],
            "securityGroups": [{"groupId": "sg-1", "groupName": "web"}],
            "sourceDestCheck": True,
            "tags": [CONFIG_TAG],
            "productCodes": [],
        },
        {
            "ec2.describe_instances": {
                "Reservations": [
                    {
                        "Instances": [
                            {
                                "AmiLaunchIndex": 0,
                                "ImageId": "ami-1",
                                "InstanceId": "i-1",
                                "InstanceType": "t3.micro",
                                "LaunchTime": SINCE,
                                "State": {"Code": 16, "Name": "running"},
                                "SubnetId": "subnet-1",
                                "VpcId": "vpc-1",
                                "PublicIpAddress": "198.51.100.7",
                                "IamInstanceProfile": {
                                    "Arn": f"{IAM}instance-profile/app",
                                    "Id": "AIPA1",
                                },
                                "MetadataOptions": {
                                    "HttpTokens": "optional",
                                    "HttpPutResponseHopLimit": 2,
                                },
                                "NetworkInterfaces": [
                                    {
                                        "NetworkInterfaceId": "eni-1",
                                        "Groups": [{"GroupId": "sg-1", "GroupName": "web"}],
                                        "PrivateIpAddress": "10.0.0.7",
                                    }
                                ],
                                "SecurityGroups": [{"GroupId": "sg-1", "GroupName": "web"}],
                                "SourceDestCheck": True,
                                "Tags": TEAM,
                                "ProductCodes": [],
                            }
                        ]
                    }
                ]
            }
        },
    ),
    Row(
        "EC2::NetworkInterface",
        "eni-1",
        {
            "association": {"ipOwnerId": "amazon", "publicIp": "198.51.100.7"},
            "attachment": {"instanceId": "i-1", "status": "attached", "deviceIndex": 0},
            "groups": [{"groupId": "sg-1", "groupName": "web"}],
            "interfaceType": "interface",
            "ipv6Addresses": [],
            "networkInterfaceId": "eni-1",
            "ownerId": ACCOUNT,
            "privateIpAddress": "10.0.0.7",
            "privateIpAddresses": [
                {
                    "primary": True,
                    "privateIpAddress": "10.0.0.7",
                    "association": {"ipOwnerId": "amazon", "publicIp": "198.51.100.7"},
                }
            ],
            "status": "in-use",
            "subnetId": "subnet-1",
            "vpcId": "vpc-1",
            "tagSet": [],
        },
        {
            "ec2.describe_network_interfaces": {
                "NetworkInterfaces": [
                    {
                        "Association": {"IpOwnerId": "amazon", "PublicIp": "198.51.100.7"},
                        "Attachment": {
                            "InstanceId": "i-1",
                            "Status": "attached",
                            "DeviceIndex": 0,
                        },
                        "Groups": [{"GroupId": "sg-1", "GroupName": "web"}],
                        "InterfaceType": "interface",
                        "Ipv6Addresses": [],
                        "NetworkInterfaceId": "eni-1",
                        "OwnerId": ACCOUNT,
                        "PrivateIpAddress": "10.0.0.7",
                        "PrivateIpAddresses": [
                            {
                                "Primary": True,
                                "PrivateIpAddress": "10.0.0.7",
                                "Association": {"IpOwnerId": "amazon", "PublicIp": "198.51.100.7"},
                            }
                        ],
                        "Status": "in-use",
                        "SubnetId": "subnet-1",
                        "VpcId": "vpc-1",
                        "TagSet": [],
                    }
                ]
            }
        },
    ),
    Row(
        "EC2::SecurityGroup",
        "sg-1",
        {
            "description": "web",
            "groupId": "sg-1",
            "groupName": "web",
            "ownerId": ACCOUNT,
            "vpcId": "vpc-1",
            "ipPermissions": [
                {
                    "fromPort": 443,
                    "toPort": 443,
                    "ipProtocol": "tcp",
                    "ipv6Ranges": [],
                    "prefixListIds": [],
                    "userIdGroupPairs": [],
                    "ipv4Ranges": [{"cidrIp": "0.0.0.0/0", "description": "all"}],
                    "ipRanges": ["0.0.0.0/0"],
                }
            ],
            "ipPermissionsEgress": [],
            "tags": [],
        },
        {
            "ec2.describe_security_groups": {
                "SecurityGroups": [
                    {
                        "Description": "web",
                        "GroupId": "sg-1",
                        "GroupName": "web",
                        "OwnerId": ACCOUNT,
                        "VpcId": "vpc-1",
                        "IpPermissions": [
                            {
                                "FromPort": 443,
                                "ToPort": 443,
                                "IpProtocol": "tcp",
                                "IpRanges": [{"CidrIp": "0.0.0.0/0", "Description": "all"}],
                                "Ipv6Ranges": [],
                                "PrefixListIds": [],
                                "UserIdGroupPairs": [],
                            }
                        ],
                        "IpPermissionsEgress": [],
                        "Tags": [],
                    }
                ]
            }
        },
    ),
    Row(
        "EC2::Subnet",
        "subnet-1",
        {
            "subnetId": "subnet-1",
            "vpcId": "vpc-1",
            "cidrBlock": "10.0.0.0/24",
            "mapPublicIpOnLaunch": True,
            "ownerId": ACCOUNT,
            "state": "available",
            "availableIpAddressCount": 250,
            "ipv6CidrBlockAssociationSet": [],
        },
        {
            "ec2.describe_subnets": {
                "Subnets": [
                    {
                        "SubnetId": "subnet-1",
                        "VpcId": "vpc-1",
                        "CidrBlock": "10.0.0.0/24",
                        "MapPublicIpOnLaunch": True,
                        "OwnerId": ACCOUNT,
                        "State": "available",
                        "AvailableIpAddressCount": 250,
                        "Ipv6CidrBlockAssociationSet": [],
                    }
                ]
            }
        },
    ),
    Row(
        "EC2::VPC",
        "vpc-1",
        {
            "vpcId": "vpc-1",
            "cidrBlock": "10.0.0.0/16",
            "ownerId": ACCOUNT,
            "state": "available",
            "isDefault": False,
            "cidrBlockAssociationSet": [
                {"cidrBlock": "10.0.0.0/16", "cidrBlockState": {"state": "associated"}}
            ],
        },
        {
            "ec2.describe_vpcs": {
                "Vpcs": [
                    {
                        "VpcId": "vpc-1",
                        "CidrBlock": "10.0.0.0/16",
                        "OwnerId": ACCOUNT,
                        "State": "available",
                        "IsDefault": False,
                        "CidrBlockAssociationSet": [
                            {"CidrBlock": "10.0.0.0/16", "CidrBlockState": {"State": "associated"}}
                        ],
                    }
                ]
            }
        },
    ),
    Row(
        "EC2::RouteTable",
        "rtb-1",
        {
            "routeTableId": "rtb-1",
            "vpcId": "vpc-1",
            "ownerId": ACCOUNT,
            "associations": [
                {"main": True, "routeTableAssociationId": "rtbassoc-1", "routeTableId": "rtb-1"}
            ],
            "propagatingVgws": [],
            "routes": [
                {"destinationCidrBlock": "10.0.0.0/16", "gatewayId": "local", "state": "active"},
                {"destinationCidrBlock": "0.0.0.0/0", "gatewayId": "igw-1", "state": "active"},
            ],
        },
        {
            "ec2.describe_route_tables": {
                "RouteTables": [
                    {
                        "RouteTableId": "rtb-1",
                        "VpcId": "vpc-1",
                        "OwnerId": ACCOUNT,
                        "Associations": [
                            {
                                "Main": True,
                                "RouteTableAssociationId": "rtbassoc-1",
                                "RouteTableId": "rtb-1",
                            }
                        ],
                        "PropagatingVgws": [],
                        "Routes": [
                            {
                                "DestinationCidrBlock": "10.0.0.0/16",
                                "GatewayId": "local",
                                "State": "active",
                            },
                            {
                                "DestinationCidrBlock": "0.0.0.0/0",
                                "GatewayId": "igw-1",
                                "State": "active",
                            },
                        ],
                    }
                ]
            }
        },
    ),
    Row(
        "EC2::InternetGateway",
        "igw-1",
        {
            "internetGatewayId": "igw-1",
            "ownerId": ACCOUNT,
            "attachments": [{"state": "available", "vpcId": "vpc-1"}],
        },
        {
            "ec2.describe_internet_gateways": {
                "InternetGateways": [
                    {
                        "InternetGatewayId": "igw-1",
                        "OwnerId": ACCOUNT,
                        "Attachments": [{"State": "available", "VpcId": "vpc-1"}],
                    }
                ]
            }
        },
    ),
    Row(
        "EC2::EgressOnlyInternetGateway",
        "eigw-1",
        {
            "egressOnlyInternetGatewayId": "eigw-1",
            "attachments": [{"state": "attached", "vpcId": "vpc-1"}],
        },
        {
            "ec2.describe_egress_only_internet_gateways": {
                "EgressOnlyInternetGateways": [
                    {
                        "EgressOnlyInternetGatewayId": "eigw-1",
                        "Attachments": [{"State": "attached", "VpcId": "vpc-1"}],
                    }
                ]
            }
        },
    ),
    Row(
        "EC2::NatGateway",
        "nat-1",
        {
            "natGatewayId": "nat-1",
            "subnetId": "subnet-1",
            "vpcId": "vpc-1",
            "state": "available",
            "createTime": "2026-01-02T03:04:05.000Z",
            "natGatewayAddresses": [{"publicIp": "198.51.100.8", "privateIp": "10.0.0.8"}],
        },
        {
            "ec2.describe_nat_gateways": {
                "NatGateways": [
                    {
                        "NatGatewayId": "nat-1",
                        "SubnetId": "subnet-1",
                        "VpcId": "vpc-1",
                        "State": "available",
                        "CreateTime": SINCE,
                        "NatGatewayAddresses": [
                            {"PublicIp": "198.51.100.8", "PrivateIp": "10.0.0.8"}
                        ],
                    }
                ]
            }
        },
    ),
    Row(
        "EC2::NetworkAcl",
        "acl-1",
        {
            "networkAclId": "acl-1",
            "vpcId": "vpc-1",
            "ownerId": ACCOUNT,
            "isDefault": True,
            "associations": [
                {
                    "networkAclAssociationId": "aclassoc-1",
                    "networkAclId": "acl-1",
                    "subnetId": "subnet-1",
                }
            ],
            "entries": [
                {
                    "cidrBlock": "0.0.0.0/0",
                    "egress": egress,
                    "protocol": "-1",
                    "ruleAction": "allow",
                    "ruleNumber": 100,
                }
                for egress in (True, False)
            ],
        },
        {
            "ec2.describe_network_acls": {
                "NetworkAcls": [
                    {
                        "NetworkAclId": "acl-1",
                        "VpcId": "vpc-1",
                        "OwnerId": ACCOUNT,
                        "IsDefault": True,
                        "Associations": [
                            {
                                "NetworkAclAssociationId": "aclassoc-1",
                                "NetworkAclId": "acl-1",
                                "SubnetId": "subnet-1",
                            }
                        ],
                        "Entries": [
                            {
                                "CidrBlock": "0.0.0.0/0",
                                "Egress": egress,
                                "Protocol": "-1",
                                "RuleAction": "allow",
                                "RuleNumber": 100,
                            }
                            for egress in (True, False)
                        ],
                    }
                ]
            }
        },
    ),
    Row(
        "EC2::EIP",
        "eipalloc-1",
        {"publicIp": "198.51.100.9", "allocationId": "eipalloc-1", "domain": "vpc"},
        {
            "ec2.describe_addresses": {
                "Addresses": [
                    {
                        "PublicIp": "198.51.100.9",
                        "AllocationId": "eipalloc-1",
                        "Domain": "vpc",
                        "Tags": TEAM,
                    }
                ]
            }
        },
        {"tags": {"team": "red"}},
    ),
    Row(
        "EC2::VPCEndpoint",
        "vpce-1",
        {
            "vpcEndpointId": "vpce-1",
            "vpcEndpointType": "Gateway",
            "vpcId": "vpc-1",
            "serviceName": f"com.amazonaws.{REGION}.s3",
            "state": "available",
            "policyDocument": json.dumps(OPEN),
            "routeTableIds": ["rtb-1"],
            "ownerId": ACCOUNT,
            "creationTimestamp": "2026-01-02T03:04:05.000Z",
        },
        {
            "ec2.describe_vpc_endpoints": {
                "VpcEndpoints": [
                    {
                        "VpcEndpointId": "vpce-1",
                        "VpcEndpointType": "Gateway",
                        "VpcId": "vpc-1",
                        "ServiceName": f"com.amazonaws.{REGION}.s3",
                        "State": "available",
                        "PolicyDocument": json.dumps(OPEN),
                        "RouteTableIds": ["rtb-1"],
                        "OwnerId": ACCOUNT,
                        "CreationTimestamp": SINCE,
                    }
                ]
            }
        },
    ),
    Row(
        "EC2::VPCPeeringConnection",
        "pcx-1",
        {
            "vpcPeeringConnectionId": "pcx-1",
            "status": {"code": "active", "message": "Active"},
            "requesterVpcInfo": {"vpcId": "vpc-1", "ownerId": ACCOUNT, "region": REGION},
            "accepterVpcInfo": {"vpcId": "vpc-9", "ownerId": "444455556666", "region": REGION},
        },
        {
            "ec2.describe_vpc_peering_connections": {
                "VpcPeeringConnections": [
                    {
                        "VpcPeeringConnectionId": "pcx-1",
                        "Status": {"Code": "active", "Message": "Active"},
                        "RequesterVpcInfo": {
                            "VpcId": "vpc-1",
                            "OwnerId": ACCOUNT,
                            "Region": REGION,
                        },
                        "AccepterVpcInfo": {
                            "VpcId": "vpc-9",
                            "OwnerId": "444455556666",
                            "Region": REGION,
                        },
                    }
                ]
            }
        },
    ),
    Row(
        "EC2::Volume",
        "vol-1",
        {"volumeId": "vol-1", "encrypted": False, "size": 8, "createTime": 1767323045000},
        {
            "ec2.describe_volumes": {
                "Volumes": [
                    {"VolumeId": "vol-1", "Encrypted": False, "Size": 8, "CreateTime": SINCE}
                ]
            }
        },
    ),
    _iam(
        "User",
        "AIDA1",
        {
            "path": "/",
            "userName": "ann",
            "userId": "AIDA1",
            "arn": f"{IAM}user/ann",
            "createDate": "2026-01-02T03:04:05.000Z",
            "userPolicyList": [{"policyName": "own", "policyDocument": quote(json.dumps(READ))}],
            "groupList": ["ops"],
            "attachedManagedPolicies": [],
            "permissionsBoundary": None,
            "tags": [],
        },
        {
            "Path": "/",
            "UserName": "ann",
            "UserId": "AIDA1",
            "Arn": f"{IAM}user/ann",
            "CreateDate": SINCE,
            "UserPolicyList": [{"PolicyName": "own", "PolicyDocument": READ}],
            "GroupList": ["ops"],
            "AttachedManagedPolicies": [],
            "Tags": [],
        },
        "UserDetailList",
    ),
    _iam(
        "Group",
        "AGPA1",
        {
            "path": "/",
            "groupName": "ops",
            "groupId": "AGPA1",
            "arn": f"{IAM}group/ops",
            "groupPolicyList": [],
            "attachedManagedPolicies": [{"policyName": "all", "policyArn": f"{IAM}policy/all"}],
        },
        {
            "Path": "/",
            "GroupName": "ops",
            "GroupId": "AGPA1",
            "Arn": f"{IAM}group/ops",
            "GroupPolicyList": [],
            "AttachedManagedPolicies": [{"PolicyName": "all", "PolicyArn": f"{IAM}policy/all"}],
        },
        "GroupDetailList",
    ),
    _iam(
        "Role",
        "AROA1",
        {
            "path": "/",
            "roleName": "app",
            "roleId": "AROA1",
            "arn": f"{IAM}role/app",
            "assumeRolePolicyDocument": quote(json.dumps(TRUST)),
            "instanceProfileList": [
                {
                    "arn": f"{IAM}instance-profile/app",
                    "instanceProfileName": "app",
                    "roles": [{"arn": f"{IAM}role/app", "assumeRolePolicyDocument": None}],
                }
            ],
            "rolePolicyList": [],
            "attachedManagedPolicies": [],
            "permissionsBoundary": {
                "permissionsBoundaryType": "Policy",
                "permissionsBoundaryArn": f"{IAM}policy/all",
            },
        },
        {
            "Path": "/",
            "RoleName": "app",
            "RoleId": "AROA1",
            "Arn": f"{IAM}role/app",
            "AssumeRolePolicyDocument": TRUST,
            "InstanceProfileList": [
                {
                    "Arn": f"{IAM}instance-profile/app",
                    "InstanceProfileName": "app",
                    "Roles": [{"Arn": f"{IAM}role/app"}],
                }
            ],
            "RolePolicyList": [],
            "AttachedManagedPolicies": [],
            "PermissionsBoundary": {
                "PermissionsBoundaryType": "Policy",
                "PermissionsBoundaryArn": f"{IAM}policy/all",
            },
        },
        "RoleDetailList",
    ),
    _iam(
        "Policy",
        "ANPA1",
        {
            "policyName": "all",
            "policyId": "ANPA1",
            "arn": f"{IAM}policy/all",
            "defaultVersionId": "v2",
            "attachmentCount": 1,
            "isAttachable": True,
            "policyVersionList": [
                {
                    "document": quote(json.dumps(ADMIN)),
                    "versionId": "v2",
                    "isDefaultVersion": True,
                }
            ],
        },
        {
            "PolicyName": "all",
            "PolicyId": "ANPA1",
            "Arn": f"{IAM}policy/all",
            "DefaultVersionId": "v2",
            "AttachmentCount": 1,
            "IsAttachable": True,
            "PolicyVersionList": [{"Document": ADMIN, "VersionId": "v2", "IsDefaultVersion": True}],
        },
        "Policies",
    ),
    Row(
        "S3::Bucket",
        "site",
        {
            "name": "site",
            "creationDate": "2026-01-02T03:04:05.000Z",
            "owner": {"displayName": None, "id": OWNER},
        },
        {
            "s3.list_buckets": {"Buckets": [{"Name": "site", "CreationDate": SINCE}]},
            "s3.get_bucket_location.site": {"LocationConstraint": REGION},
            "s3.get_bucket_policy.site": {"Policy": json.dumps(OPEN)},
            "s3.get_bucket_acl.site": {
                "Owner": {"ID": OWNER},
                "Grants": [
                    {
                        "Grantee": {"Type": "CanonicalUser", "ID": OWNER},
                        "Permission": "FULL_CONTROL",
                    },
                    {
                        "Grantee": {
                            "Type": "Group",
                            "URI": "http://acs.amazonaws.com/groups/global/AllUsers",
                        },
                        "Permission": "READ_ACP",
                    },
                ],
            },
            "s3.get_public_access_block.site": {
                "PublicAccessBlockConfiguration": {
                    "BlockPublicAcls": False,
                    "IgnorePublicAcls": False,
                    "BlockPublicPolicy": False,
                    "RestrictPublicBuckets": False,
                }
            },
            "s3.get_bucket_encryption.site": {
                "ServerSideEncryptionConfiguration": {
                    "Rules": [
                        {
                            "ApplyServerSideEncryptionByDefault": {
                                "SSEAlgorithm": "aws:kms",
                                "KMSMasterKeyID": "k",
                            },
                            "BucketKeyEnabled": True,
                        }
                    ]
                }
            },
            "s3.get_bucket_versioning.site": {"Status": "Enabled", "MFADelete": "Disabled"},
            "s3.get_bucket_logging.site": {
                "LoggingEnabled": {"TargetBucket": "logs", "TargetPrefix": "x/"}
            },
            "s3.get_bucket_website.site": {
                "IndexDocument": {"Suffix": "index.html"},
                "RedirectAllRequestsTo": {"HostName": "example.com", "Protocol": "https"},
            },
            "s3.get_object_lock_configuration.site": {
                "ObjectLockConfiguration": {"ObjectLockEnabled": "Enabled"}
            },
            "s3.get_bucket_tagging.site": {"TagSet": TEAM},
        },
        {
            "tags": {"team": "red"},
            "supplementaryConfiguration": {
                "AccessControlList": json.dumps(
                    {
                        "grantSet": None,
                        "grantList": [
                            {
                                "grantee": {"id": OWNER, "displayName": None},
                                "permission": "FullControl",
                            },
                            {"grantee": "AllUsers", "permission": "ReadAcp"},
                        ],
                        "owner": {"displayName": None, "id": OWNER},
                        "isRequesterCharged": False,
                    }
                ),
                "BucketPolicy": {"policyText": json.dumps(OPEN)},
                "PublicAccessBlockConfiguration": {
                    "blockPublicAcls": False,
                    "ignorePublicAcls": False,
                    "blockPublicPolicy": False,
                    "restrictPublicBuckets": False,
                },
                "ServerSideEncryptionConfiguration": {
                    "rules": [
                        {
                            "applyServerSideEncryptionByDefault": {
                                "sseAlgorithm": "aws:kms",
                                "kmsMasterKeyID": "k",
                            },
                            "bucketKeyEnabled": True,
                        }
                    ]
                },
                "BucketVersioningConfiguration": {"status": "Enabled", "isMfaDeleteEnabled": False},
                "BucketLoggingConfiguration": {
                    "destinationBucketName": "logs",
                    "logFilePrefix": "x/",
                },
                "BucketWebsiteConfiguration": {
                    "indexDocumentSuffix": "index.html",
                    "errorDocument": None,
                    "redirectAllRequestsTo": {"hostName": "example.com", "protocol": "https"},
                    "routingRules": None,
                },
                "ObjectLockConfiguration": {"objectLockEnabled": "Enabled", "rule": None},
                "IsRequesterPaysEnabled": False,
            },
        },
        "global",
    ),
    Row(
        "S3::AccountPublicAccessBlock",
        ACCOUNT,
        {
            "blockPublicAcls": False,
            "ignorePublicAcls": True,
            "blockPublicPolicy": False,
            "restrictPublicBuckets": False,
        },
        {
            "s3control.get_public_access_block": {
                "PublicAccessBlockConfiguration": {
                    "BlockPublicAcls": False,
                    "IgnorePublicAcls": True,
                    "BlockPublicPolicy": False,
                    "RestrictPublicBuckets": False,
                }
            }
        },
        place="global",
    ),
    Row(
        "Lambda::Function",
        "pay",
        {
            "functionName": "pay",
            "functionArn": FUNCTION,
            "role": f"{IAM}role/app",
            "runtime": "python3.13",
            "kmskeyArn": "",
            "state": {"value": "Active"},
            "layers": [],
            "vpcConfig": {"subnetIds": ["subnet-1"], "securityGroupIds": ["sg-1"]},
        },
        {
            "lambda.list_functions": {
                "Functions": [
                    {
                        "FunctionName": "pay",
                        "FunctionArn": FUNCTION,
                        "Role": f"{IAM}role/app",
                        "Runtime": "python3.13",
                        "KMSKeyArn": "",
                        "State": "Active",
                        "Layers": [],
                        "VpcConfig": {"SubnetIds": ["subnet-1"], "SecurityGroupIds": ["sg-1"]},
                    }
                ]
            },
            "lambda.get_policy.pay": {"Policy": json.dumps(OPEN)},
        },
        {"supplementaryConfiguration": {"Policy": json.dumps(OPEN)}},
    ),
    Row(
        "KMS::Key",
        "1-2",
        {
            "awsaccountId": ACCOUNT,
            "keyId": "1-2",
            "arn": KEY_ARN,
            "creationDate": "2026-01-02T03:04:05.000Z",
            "enabled": True,
            "keyManager": "CUSTOMER",
            "keyState": "Enabled",
            "origin": "AWS_KMS",
            "customerMasterKeySpec": "SYMMETRIC_DEFAULT",
            "signingAlgorithms": [],
        },
        {
            "kms.list_keys": {"Keys": [{"KeyId": "1-2", "KeyArn": KEY_ARN}]},
            f"kms.describe_key.{KEY_ARN}": {
                "KeyMetadata": {
                    "AWSAccountId": ACCOUNT,
                    "KeyId": "1-2",
                    "Arn": KEY_ARN,
                    "CreationDate": SINCE,
                    "Enabled": True,
                    "KeyManager": "CUSTOMER",
                    "KeyState": "Enabled",
                    "Origin": "AWS_KMS",
                    "CustomerMasterKeySpec": "SYMMETRIC_DEFAULT",
                    "SigningAlgorithms": [],
                }
            },
            f"kms.get_key_policy.{KEY_ARN}": {"Policy": json.dumps(OPEN)},
            f"kms.get_key_rotation_status.{KEY_ARN}": {"KeyRotationEnabled": True},
        },
        {"supplementaryConfiguration": {"Policy": json.dumps(OPEN), "KeyRotationStatus": True}},
    ),
    Row(
        "SNS::Topic",
        TOPIC,
        {
            "TopicArn": TOPIC,
            "Owner": ACCOUNT,
            "Policy": json.dumps(OPEN),
            "SubscriptionsConfirmed": 1,
            "DisplayName": "",
        },
        {
            "sns.list_topics": {"Topics": [{"TopicArn": TOPIC}]},
            f"sns.get_topic_attributes.{TOPIC}": {
                "Attributes": {
                    "TopicArn": TOPIC,
                    "Owner": ACCOUNT,
                    "Policy": json.dumps(OPEN),
                    "SubscriptionsConfirmed": "1",
                }
            },
        },
    ),
    Row(
        "SQS::Queue",
        QUEUE,
        {
            "QueueUrl": QUEUE,
            "QueueName": "jobs",
            "QueueArn": f"arn:aws:sqs:{REGION}:{ACCOUNT}:jobs",
            "VisibilityTimeout": 30,
            "SqsManagedSseEnabled": True,
            "Policy": OPEN,
        },
        {
            "sqs.list_queues": {"QueueUrls": [QUEUE]},
            f"sqs.get_queue_attributes.{QUEUE}": {
                "Attributes": {
                    "QueueArn": f"arn:aws:sqs:{REGION}:{ACCOUNT}:jobs",
                    "VisibilityTimeout": "30",
                    "SqsManagedSseEnabled": "true",
                    "Policy": json.dumps(OPEN),
                }
            },
            f"sqs.list_queue_tags.{QUEUE}": {"Tags": {"team": "red"}},
        },
        {"tags": {"team": "red"}},
    ),
    Row(
        "RDS::DBInstance",
        "db-1",
        {
            "dBInstanceArn": f"{RDS}db:main",
            "dBInstanceIdentifier": "main",
            "cACertificateIdentifier": "rds-ca",
            "publiclyAccessible": True,
            "endpoint": {"address": "main.example", "port": 5432, "hostedZoneId": "Z1"},
            "vpcSecurityGroups": [{"vpcSecurityGroupId": "sg-1", "status": "active"}],
            "dBSubnetGroup": {"dBSubnetGroupName": "g", "vpcId": "vpc-1", "subnets": []},
            "instanceCreateTime": "2026-01-02T03:04:05.000Z",
        },
        {
            "rds.describe_db_instances": {
                "DBInstances": [
                    {
                        "DBInstanceArn": f"{RDS}db:main",
                        "DBInstanceIdentifier": "main",
                        "CACertificateIdentifier": "rds-ca",
                        "PubliclyAccessible": True,
                        "Endpoint": {"Address": "main.example", "Port": 5432, "HostedZoneId": "Z1"},
                        "VpcSecurityGroups": [{"VpcSecurityGroupId": "sg-1", "Status": "active"}],
                        "DBSubnetGroup": {
                            "DBSubnetGroupName": "g",
                            "VpcId": "vpc-1",
                            "Subnets": [],
                        },
                        "InstanceCreateTime": SINCE,
                    }
                ]
            }
        },
    ),
    Row(
        "RDS::DBCluster",
        "cluster-1",
        {
            "dbclusterArn": f"{RDS}cluster:c",
            "dbclusterIdentifier": "c",
            "availabilityZones": [{"value": "eu-west-1a"}],
            "endpoint": {"value": "c.example"},
            "iamdatabaseAuthenticationEnabled": False,
            "vpcSecurityGroups": [],
            "dbclusterMembers": [
                {"dbinstanceIdentifier": "main", "isClusterWriter": True, "clusterWriter": True}
            ],
        },
        {
            "rds.describe_db_clusters": {
                "DBClusters": [
                    {
                        "DBClusterArn": f"{RDS}cluster:c",
                        "DBClusterIdentifier": "c",
                        "AvailabilityZones": ["eu-west-1a"],
                        "Endpoint": "c.example",
                        "IAMDatabaseAuthenticationEnabled": False,
                        "VpcSecurityGroups": [],
                        "DBClusterMembers": [
                            {"DBInstanceIdentifier": "main", "IsClusterWriter": True}
                        ],
                    }
                ]
            }
        },
    ),
    Row(
        "RDS::DBSubnetGroup",
        "g",
        {
            "dBSubnetGroupArn": f"{RDS}subgrp:g",
            "dBSubnetGroupName": "g",
            "vpcId": "vpc-1",
            "subnets": [{"subnetIdentifier": "subnet-1", "subnetStatus": "Active"}],
        },
        {
            "rds.describe_db_subnet_groups": {
                "DBSubnetGroups": [
                    {
                        "DBSubnetGroupArn": f"{RDS}subgrp:g",
                        "DBSubnetGroupName": "g",
                        "VpcId": "vpc-1",
                        "Subnets": [{"SubnetIdentifier": "subnet-1", "SubnetStatus": "Active"}],
                    }
                ]
            }
        },
    ),
    Row(
        "RDS::DBSnapshot",
        "s",
        {
            "dBSnapshotArn": f"{RDS}snapshot:s",
            "dBSnapshotIdentifier": "s",
            "snapshotType": "manual",
        },
        {
            "rds.describe_db_snapshots": {
                "DBSnapshots": [
                    {
                        "DBSnapshotArn": f"{RDS}snapshot:s",
                        "DBSnapshotIdentifier": "s",
                        "SnapshotType": "manual",
                    }
                ]
            },
            "rds.describe_db_snapshot_attributes.s": {
                "DBSnapshotAttributesResult": {
                    "DBSnapshotAttributes": [
                        {"AttributeName": "restore", "AttributeValues": ["all"]}
                    ]
                }
            },
        },
        {
            "supplementaryConfiguration": {
                "DBSnapshotAttributes": [{"attributeName": "restore", "attributeValues": ["all"]}]
            }
        },
    ),
    Row(
        "RDS::DBClusterSnapshot",
        "cs",
        {
            "dbclusterSnapshotArn": f"{RDS}cluster-snapshot:cs",
            "dbclusterSnapshotIdentifier": "cs",
            "snapshotType": "manual",
        },
        {
            "rds.describe_db_cluster_snapshots": {
                "DBClusterSnapshots": [
                    {
                        "DBClusterSnapshotArn": f"{RDS}cluster-snapshot:cs",
                        "DBClusterSnapshotIdentifier": "cs",
                        "SnapshotType": "manual",
                    }
                ]
            },
            "rds.describe_db_cluster_snapshot_attributes.cs": {
                "DBClusterSnapshotAttributesResult": {
                    "DBClusterSnapshotAttributes": [
                        {"AttributeName": "restore", "AttributeValues": ["444455556666"]}
                    ]
                }
            },
        },
        {
            "supplementaryConfiguration": {
                "DBClusterSnapshotAttributes": [
                    {"attributeName": "restore", "attributeValues": ["444455556666"]}
                ]
            }
        },
    ),
    Row(
        "ElasticLoadBalancing::LoadBalancer",
        "old",
        {
            "loadBalancerName": "old",
            "dnsname": "old.example",
            "scheme": "internet-facing",
            "securityGroups": [{"value": "sg-1"}],
            "subnets": ["subnet-1"],
            "vpcid": "vpc-1",
            "instances": [{"instanceId": "i-1"}],
            "listenerDescriptions": [
                {
                    "listener": {
                        "protocol": "SSL",
                        "loadBalancerPort": 443,
                        "instancePort": 8443,
                        "sslcertificateId": "c",
                    },
                    "policyNames": [],
                }
            ],
        },
        {
            "elb.describe_load_balancers": {
                "LoadBalancerDescriptions": [
                    {
                        "LoadBalancerName": "old",
                        "DNSName": "old.example",
                        "Scheme": "internet-facing",
                        "SecurityGroups": ["sg-1"],
                        "Subnets": ["subnet-1"],
                        "VPCId": "vpc-1",
                        "Instances": [{"InstanceId": "i-1"}],
                        "ListenerDescriptions": [
                            {
                                "Listener": {
                                    "Protocol": "SSL",
                                    "LoadBalancerPort": 443,
                                    "InstancePort": 8443,
                                    "SSLCertificateId": "c",
                                },
                                "PolicyNames": [],
                            }
                        ],
                    }
                ]
            },
            "elb.describe_tags.old": {
                "TagDescriptions": [{"LoadBalancerName": "old", "Tags": TEAM}]
            },
            "elb.describe_load_balancer_policies.old": {
                "PolicyDescriptions": [{"PolicyName": "p", "PolicyTypeName": "t"}]
            },
        },
        {
            "tags": {"team": "red"},
            "supplementaryConfiguration": {
                "LoadBalancerPolicies": [{"policyName": "p", "policyTypeName": "t"}]
            },
        },
    ),
    Row(
        "ElasticLoadBalancingV2::LoadBalancer",
        LB,
        {
            "loadBalancerArn": LB,
            "dNSName": "web.example",
            "scheme": "internet-facing",
            "type": "application",
            "securityGroups": ["sg-1"],
            "state": {"code": "active"},
            "vpcId": "vpc-1",
            "availabilityZones": [{"subnetId": "subnet-1", "zoneName": "eu-west-1a"}],
        },
        {
            "elbv2.describe_load_balancers": {
                "LoadBalancers": [
                    {
                        "LoadBalancerArn": LB,
                        "DNSName": "web.example",
                        "Scheme": "internet-facing",
                        "Type": "application",
                        "SecurityGroups": ["sg-1"],
                        "State": {"Code": "active"},
                        "VpcId": "vpc-1",
                        "AvailabilityZones": [{"SubnetId": "subnet-1", "ZoneName": "eu-west-1a"}],
                    }
                ]
            },
            f"elbv2.describe_tags.{LB}": {"TagDescriptions": [{"ResourceArn": LB, "Tags": TEAM}]},
        },
        {"tags": {"team": "red"}},
    ),
    Row(
        "ElasticLoadBalancingV2::Listener",
        LISTENER,
        {
            "ListenerArn": LISTENER,
            "LoadBalancerArn": LB,
            "Port": 80,
            "Protocol": "HTTP",
            "DefaultActions": [
                {
                    "Type": "redirect",
                    "RedirectConfig": {
                        "Port": "443",
                        "Protocol": "HTTPS",
                        "StatusCode": "HTTP_301",
                    },
                }
            ],
        },
        {
            f"elbv2.describe_listeners.{LB}": {
                "Listeners": [
                    {
                        "ListenerArn": LISTENER,
                        "LoadBalancerArn": LB,
                        "Port": 80,
                        "Protocol": "HTTP",
                        "DefaultActions": [
                            {
                                "Type": "redirect",
                                "RedirectConfig": {
                                    "Port": "443",
                                    "Protocol": "HTTPS",
                                    "StatusCode": "HTTP_301",
                                },
                            }
                        ],
                    }
                ]
            }
        },
    ),
    Row(
        "SecretsManager::Secret",
        SECRET,
        {
            "ARN": SECRET,
            "Name": "db",
            "KMSKeyId": "k",
            "RotationEnabled": True,
            "RotationOccurringAsScheduled": True,
            "Deleted": False,
            "RotationRules": {"RotationScheduleExpression": "rate(4 hours)"},
        },
        {
            "secretsmanager.list_secrets": {
                "SecretList": [
                    {
                        "ARN": SECRET,
                        "Name": "db",
                        "KmsKeyId": "k",
                        "RotationEnabled": True,
                        "RotationRules": {"ScheduleExpression": "rate(4 hours)"},
                    }
                ]
            }
        },
    ),
    Row(
        "CloudTrail::Trail",
        "audit",
        {
            "trailARN": f"arn:aws:cloudtrail:{REGION}:{ACCOUNT}:trail/audit",
            "name": "audit",
            "homeRegion": REGION,
            "isMultiRegionTrail": True,
            "s3BucketName": "logs",
        },
        {
            "cloudtrail.describe_trails": {
                "trailList": [
                    {
                        "TrailARN": f"arn:aws:cloudtrail:{REGION}:{ACCOUNT}:trail/audit",
                        "Name": "audit",
                        "HomeRegion": REGION,
                        "IsMultiRegionTrail": True,
                        "S3BucketName": "logs",
                    }
                ]
            }
        },
    ),
    Row(
        "DynamoDB::Table",
        "orders",
        {
            "tableName": "orders",
            "tableArn": f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/orders",
            "itemCount": 3,
            "ssedescription": {"status": "ENABLED", "ssetype": "KMS", "kmsmasterKeyArn": KEY_ARN},
        },
        {
            "dynamodb.list_tables": {"TableNames": ["orders"]},
            "dynamodb.describe_table.orders": {
                "Table": {
                    "TableName": "orders",
                    "TableArn": f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/orders",
                    "ItemCount": 3,
                    "SSEDescription": {
                        "Status": "ENABLED",
                        "SSEType": "KMS",
                        "KMSMasterKeyArn": KEY_ARN,
                    },
                }
            },
            "dynamodb.describe_continuous_backups.orders": {
                "ContinuousBackupsDescription": {"ContinuousBackupsStatus": "ENABLED"}
            },
        },
        {
            "supplementaryConfiguration": {
                "ContinuousBackupsDescription": {"continuousBackupsStatus": "ENABLED"}
            }
        },
    ),
    Row(
        "AutoScaling::AutoScalingGroup",
        "asg",
        {
            "autoScalingGroupARN": f"arn:aws:autoscaling:{REGION}:{ACCOUNT}:group/asg",
            "autoScalingGroupName": "asg",
            "availabilityZones": [{"value": "eu-west-1a"}],
            "vpczoneIdentifier": "subnet-1",
            "minSize": 1,
        },
        {
            "autoscaling.describe_auto_scaling_groups": {
                "AutoScalingGroups": [
                    {
                        "AutoScalingGroupARN": f"arn:aws:autoscaling:{REGION}:{ACCOUNT}:group/asg",
                        "AutoScalingGroupName": "asg",
                        "AvailabilityZones": ["eu-west-1a"],
                        "VPCZoneIdentifier": "subnet-1",
                        "MinSize": 1,
                    }
                ]
            }
        },
    ),
    Row(
        "AutoScaling::LaunchConfiguration",
        "lc",
        {
            "launchConfigurationARN": f"arn:aws:autoscaling:{REGION}:{ACCOUNT}:lc/lc",
            "launchConfigurationName": "lc",
            "iamInstanceProfile": {"value": "app"},
        },
        {
            "autoscaling.describe_launch_configurations": {
                "LaunchConfigurations": [
                    {
                        "LaunchConfigurationARN": f"arn:aws:autoscaling:{REGION}:{ACCOUNT}:lc/lc",
                        "LaunchConfigurationName": "lc",
                        "IamInstanceProfile": "app",
                    }
                ]
            }
        },
    ),
    Row(
        "Redshift::Cluster",
        "dw",
        {
            "clusterIdentifier": "dw",
            "dBName": "main",
            "publiclyAccessible": True,
            "vpcId": "vpc-1",
            "vpcSecurityGroups": [{"vpcSecurityGroupId": "sg-1", "status": "active"}],
            "endpoint": {"address": "dw.example", "port": 5439},
        },
        {
            "redshift.describe_clusters": {
                "Clusters": [
                    {
                        "ClusterIdentifier": "dw",
                        "DBName": "main",
                        "PubliclyAccessible": True,
                        "VpcId": "vpc-1",
                        "VpcSecurityGroups": [{"VpcSecurityGroupId": "sg-1", "Status": "active"}],
                        "Endpoint": {"Address": "dw.example", "Port": 5439},
                    }
                ]
            },
            "redshift.describe_logging_status.dw": {"LoggingEnabled": False},
        },
        {"supplementaryConfiguration": {"LoggingStatus": {"loggingEnabled": False}}},
    ),
    Row(
        "Redshift::ClusterSnapshot",
        "dws",
        {
            "clusterIdentifier": "dw",
            "snapshotIdentifier": "dws",
            "snapshotType": "manual",
            "ownerAccount": ACCOUNT,
            "encryptedWithHSM": False,
            "accountsWithRestoreAccess": [{"accountId": "444455556666", "accountAlias": None}],
        },
        {
            "redshift.describe_cluster_snapshots": {
                "Snapshots": [
                    {
                        "ClusterIdentifier": "dw",
                        "SnapshotIdentifier": "dws",
                        "SnapshotType": "manual",
                        "OwnerAccount": ACCOUNT,
                        "EncryptedWithHSM": False,
                        "AccountsWithRestoreAccess": [{"AccountId": "444455556666"}],
                    }
                ]
            }
        },
    ),
    Row(
        "Redshift::ClusterSubnetGroup",
        "dwg",
        {
            "clusterSubnetGroupName": "dwg",
            "vpcId": "vpc-1",
            "subnets": [{"subnetIdentifier": "subnet-1"}],
        },
        {
            "redshift.describe_cluster_subnet_groups": {
                "ClusterSubnetGroups": [
                    {
                        "ClusterSubnetGroupName": "dwg",
                        "VpcId": "vpc-1",
                        "Subnets": [{"SubnetIdentifier": "subnet-1"}],
                    }
                ]
            }
        },
    ),
    Row(
        "EFS::FileSystem",
        "fs-1",
        {
            "Arn": FILES,
            "FileSystemId": "fs-1",
            "Encrypted": True,
            "FileSystemTags": [{"Key": "team", "Value": "red"}],
            "LifecyclePolicies": [],
            "BackupPolicy": {"Status": "ENABLED"},
            "FileSystemPolicy": OPEN,
        },
        {
            "efs.describe_file_systems": {
                "FileSystems": [
                    {
                        "FileSystemArn": FILES,
                        "FileSystemId": "fs-1",
                        "Encrypted": True,
                        "Tags": TEAM,
                    }
                ]
            },
            "efs.describe_backup_policy.fs-1": {"BackupPolicy": {"Status": "ENABLED"}},
            "efs.describe_file_system_policy.fs-1": {"Policy": json.dumps(OPEN)},
        },
    ),
    Row(
        "ACM::Certificate",
        CERTIFICATE,
        {
            "certificateArn": CERTIFICATE,
            "domainName": "example.com",
            "status": "ISSUED",
            "notAfter": "2026-01-02T03:04:05.000Z",
            "extendedKeyUsages": [{"name": "TLS", "oID": "1.3.6"}],
        },
        {
            "acm.list_certificates": {
                "CertificateSummaryList": [
                    {
                        "CertificateArn": CERTIFICATE,
                        "DomainName": "example.com",
                        "Status": "ISSUED",
                        "NotAfter": SINCE,
                    }
                ]
            },
            f"acm.describe_certificate.{CERTIFICATE}": {
                "Certificate": {
                    "CertificateArn": CERTIFICATE,
                    "DomainName": "example.com",
                    "Status": "ISSUED",
                    "NotAfter": SINCE,
                    "ExtendedKeyUsages": [{"Name": "TLS", "OID": "1.3.6"}],
                }
            },
        },
    ),
)
"""Every type once; together one small world."""
