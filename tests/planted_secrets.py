"""Secrets of many kinds and forms, to be planted and looked for. None was ever valid: all are made
here, at run time, so that scanners of source code do not take them for real ones.
"""

from __future__ import annotations

import base64
import gzip
import json
import random
import string
from collections.abc import Callable
from dataclasses import dataclass
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText

_ANY = string.ascii_letters + string.digits
_HEX = "0123456789abcdef"


@dataclass(frozen=True, slots=True)
class Planted:
    """A secret in a form.

    Attributes:
        kind: what it is.
        name: under which it stands.
        value: that holds it.
        secret: what must be found nowhere.
    """

    kind: str
    name: str
    value: str
    secret: str


def made(kind: str, length: int, alphabet: str = _ANY) -> str:
    """A text that is drawn once for a kind."""
    return "".join(random.Random(kind).choices(alphabet, k=length))


def _whole(kind: str, value: str, name: str = "SETTING") -> Planted:
    return Planted(kind, name, value, value)


def _key_block(label: str, kind: str) -> Planted:
    body = "\n".join(made(f"{kind}{n}", 64, _ANY + "+/") for n in range(6))
    head, tail = f"-----BEGIN {label}-----", f"-----END {label}-----"
    return Planted(kind, "SETTING", f"{head}\n{body}\n{tail}\n", body.splitlines()[3])


def _jwt() -> Planted:
    parts = ['{"alg":"HS256","typ":"JWT"}', '{"sub":"1234567890","name":"planted"}']
    packed = [base64.urlsafe_b64encode(part.encode()).decode().rstrip("=") for part in parts]
    return _whole("jwt", ".".join([*packed, made("jwt", 43)]))


WITH_A_FORMAT: tuple[Planted, ...] = (
    _whole("aws session token", "IQoJb3JpZ2luX2VjE" + made("session", 300), "AWS_SESSION_TOKEN"),
    _whole("aws secret key", made("aws", 40, _ANY + "/+"), "AWS_SECRET_ACCESS_KEY"),
    _whole("aws secret key, camel case", made("aws2", 40, _ANY + "/+"), "SecretAccessKey"),
    _whole("bedrock key", "ABSK" + made("bedrock", 100)),
    _key_block("RSA PRIVATE KEY", "pem"),
    _key_block("PRIVATE KEY", "pkcs8"),
    _key_block("ENCRYPTED PRIVATE KEY", "encrypted pkcs8"),
    _key_block("EC PRIVATE KEY", "ec"),
    _key_block("OPENSSH PRIVATE KEY", "openssh"),
    _key_block("PGP PRIVATE KEY BLOCK", "pgp"),
    _whole("age", "AGE-SECRET-KEY-1" + made("age", 58, string.ascii_uppercase + "023456789")),
    _whole("github classic", "ghp_" + made("ghp", 36)),
    _whole("github server", "ghs_" + made("ghs", 36)),
    _whole("github fine", "github_pat_" + made("fine", 22) + "_" + made("fine2", 59)),
    _whole("gitlab", "glpat-" + made("glpat", 20)),
    _whole("gitlab runner", "glrt-" + made("glrt", 20)),
    _whole("slack bot", "xoxb-123456789012-1234567890123-" + made("xoxb", 24)),
    _whole("slack app", "xapp-1-A0123456789-1234567890123-" + made("xapp", 64, _HEX)),
    _whole("slack hook", "https://hooks.slack.com/services/" + "T0000/B0000/" + made("hook", 24)),
    _whole("stripe live", "sk_live_" + made("stripe", 24)),
    _whole("stripe restricted", "rk_live_" + made("rk", 24)),
    _whole("stripe hook", "whsec_" + made("whsec", 32)),
    _whole("google api", "AIza" + made("google", 35)),
    _whole("google oauth", "GOCSPX-" + made("gocspx", 28)),
    _whole("azure client", "abc8Q~" + made("azure", 34)),
    Planted(
        "azure storage",
        "SETTING",
        f"DefaultEndpointsProtocol=https;AccountName=x;AccountKey={made('blob', 86)}==;Suffix=y",
        made("blob", 86),
    ),
    Planted(
        "azure sas",
        "SETTING",
        f"https://x.blob.core.windows.net/c?sv=2024&sig={made('sas', 43)}%3D",
        made("sas", 43),
    ),
    _whole("sendgrid", f"SG.{made('sg', 22)}.{made('sg2', 43)}"),
    _whole("twilio", "SK" + made("twilio", 32, _HEX)),
    _whole("mailchimp", made("mailchimp", 32, _HEX) + "-us12"),
    _whole("mailgun", "key-" + made("mailgun", 32, _HEX)),
    _whole("npm", "npm_" + made("npm", 36)),
    _whole("pypi", "pypi-AgEIcHlwaS5vcmc" + made("pypi", 120)),
    _whole("rubygems", "rubygems_" + made("gems", 48, _HEX)),
    _whole("docker", "dckr_pat_" + made("docker", 27)),
    _whole("openai", "sk-proj-" + made("openai", 48)),
    _whole("hugging face", "hf_" + made("hf", 34)),
    _whole("databricks", "dapi" + made("dapi", 32, _HEX)),
    _whole("digitalocean", "dop_v1_" + made("dop", 64, _HEX)),
    _whole("vault", "hvs." + made("hvs", 90)),
    _whole("atlassian", "ATATT3" + made("atlassian", 180)),
    _whole("shopify", "shpat_" + made("shopify", 32, _HEX)),
    _whole("new relic", "NRAK-" + made("nrak", 27, string.ascii_uppercase + string.digits)),
    _whole("telegram", "123456789:" + made("telegram", 35)),
    _whole("square", "sq0csp-" + made("square", 43)),
    _jwt(),
    Planted("postgres", "SETTING", "postgres://app:pg-Hunter2@db:5432/x", "pg-Hunter2"),
    Planted("mongodb", "SETTING", "mongodb+srv://u:mongo!Hunter2@example.net/d", "mongo!Hunter2"),
    Planted("amqp", "SETTING", "amqps://u:amqp$Hunter2@mq.example.com:5671", "amqp$Hunter2"),
    Planted("redis", "SETTING", "redis://:redis-Hunter2@cache:6379/0", "redis-Hunter2"),
    Planted("https", "SETTING", "https://u:https-Hunter2@example.com/a.git", "https-Hunter2"),
    Planted("jdbc", "SETTING", "jdbc:mysql://db/x?user=a&password=jdbc-Hunter2", "jdbc-Hunter2"),
    Planted("ado", "SETTING", "Server=db;User Id=sa;Password=ado-Hunter2;", "ado-Hunter2"),
    Planted("basic", "SETTING", "Authorization: Basic YmFzaWM6SHVudGVyMg==", "YmFzaWM6SHVudGVyMg"),
    Planted("bearer", "Authorization", "Bearer bearer-hunter2-77", "bearer-hunter2-77"),
    _whole("crypt", "$6$rounds=4096$saltsalt$" + made("crypt", 86)),
    _whole("bcrypt", "$2b$12$" + made("bcrypt", 53)),
    _whole("random", made("any key", 40)),
    _whole("random base64", base64.b64encode(random.Random(7).randbytes(32)).decode()),
)
"""Known by what they look like, whatever they are called."""

_NAMES = (
    *("PASSWORD", "DB_PASSWORD", "dbPassword", "MasterUserPassword", "mysql.root.passwd"),
    *("API_TOKEN", "apiKey", "x-api-key", "CLIENT_SECRET", "SecretString", "PGPASSWORD"),
    *("ENCRYPTION_KEY", "JWT_SIGNING_KEY", "passphrase", "SESSION_SECRET", "PRIVATE_KEY"),
    *("authToken", "SMTP_PASS", "PASSWORD_PROD", "--db-password", "--conf.secret.key"),
)
WITH_A_NAME: tuple[Planted, ...] = (
    *(_whole(name, f"n{number}-Hunter2", name) for number, name in enumerate(_NAMES)),
    _whole("with signs", "#p@$$ wörd, Hunter2!", "LOGIN_PASSWORD"),
    _whole("like a variable", "$Hunter2dollar", "LOGIN_PASSWORD"),
    _whole("like a list", "[Hunter2bracket", "LOGIN_PASSWORD"),
    _whole("digits", "80551234", "USER_PASSWORD"),
)
"""Known by what they are called."""

_TEXTS: dict[str, str] = {
    "shell": "export DB_PASSWORD={}\n",
    "shell, quoted": "export DB_PASSWORD='{}'\n",
    "shell, flag": "deploy --user a --password {} --now\n",
    "shell, flag with sign": "deploy --api-token={}\n",
    "curl user": "curl -fsS -u admin:{} https://example.com/x\n",
    "curl header": 'curl -H "Authorization: Bearer {}" https://example.com\n',
    "mysql": "mysql -u root -p{} -e 'select 1'\n",
    "sshpass": "sshpass -p {} ssh host\n",
    "docker login": "docker login -u a -p {} registry.example.com\n",
    "chpasswd": "echo 'root:{}' | chpasswd\n",
    "chpasswd heredoc": "chpasswd <<EOF\nroot:{}\nEOF\n",
    "htpasswd": "htpasswd -b -c /etc/x admin {}\n",
    "yaml": "db:\n  password: {}\n  host: x\n",
    "yaml, with spaces": "db:\n  password: some words {}\n",
    "yaml block": "private_key: |\n  {}\n  more\nnext: x\n",
    "json": '{{"db": {{"password": "{}"}}}}\n',
    "json in a line": 'echo "{{\\"password\\": \\"{}\\"}}" > x\n',
    "ini": "[client]\npassword = {}\n",
    "properties": "spring.datasource.password={}\n",
    "xml element": "<server><password>{}</password></server>\n",
    "xml attribute": '<user name="a" password="{}"/>\n',
    "xml setting": '<add key="DbPassword" value="{}" />\n',
    "powershell": '$password = "{}"\n',
    "powershell secure": "ConvertTo-SecureString '{}' -AsPlainText -Force\n",
    "powershell parameter": '-Credential x -Password "{}"\n',
    "net user": "net user svc {} /add\n",
    "cloud-config list": "#cloud-config\nchpasswd:\n  list: |\n    root:{}\n  expire: false\n",
    "cloud-config user": "#cloud-config\nusers:\n  - name: a\n    plain_text_passwd: '{}'\n",
    "sql": "CREATE USER a IDENTIFIED BY '{}';\n",
    "postgres sql": "ALTER USER a WITH PASSWORD '{}';\n",
    "netrc": "machine example.com login a password {}\n",
    "pgpass": "db.example.com:5432:app:app:{}\n",
    "npmrc": "//registry.npmjs.org/:_authToken={}\n",
    "redis": "requirepass {}\n",
    "python": 'DB_PASSWORD = "{}"\n',
    "terraform": '  master_password = "{}"\n',
    "url": "git clone https://u:{}@example.com/x.git\n",
    "query": "wget 'https://example.com/x?access_token={}&a=b'\n",
    "dockerfile": "ENV API_KEY {}\n",
}
IN_A_TEXT: tuple[Planted, ...] = tuple(
    Planted(kind, "", text.format(f"t{number}-Hunter2x"), f"t{number}-Hunter2x")
    for number, (kind, text) in enumerate(_TEXTS.items())
)
"""Known by what stands before them in a script or a configuration file."""

EVERYTHING = (*WITH_A_FORMAT, *WITH_A_NAME, *IN_A_TEXT)

_ACCOUNT = "111122223333"
NO_SECRETS: dict[str, str] = {
    "RoleArn": f"arn:aws:iam::{_ACCOUNT}:role/service-role/MyFunctionServiceRole3C357FF2",
    "SecretArn": f"arn:aws:secretsmanager:eu-west-1:{_ACCOUNT}:secret:prod/db/password-AbCdEf",
    "ParameterArn": f"arn:aws-cn:ssm:cn-north-1:{_ACCOUNT}:parameter/prod/db/password",
    "Topic": f"arn:aws:sns:eu-west-1:{_ACCOUNT}:a-topic-whose-name-is-rather-long-and-says-more",
    "Image": f"{_ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com/app@sha256:{made('digest', 64, _HEX)}",
    "Password": "{{resolve:secretsmanager:prod/db:SecretString:password}}",
    "MasterUserPassword": "{{resolve:ssm-secure:/prod/db/password:3}}",
    "KmsKeyId": "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9",
    "Uuid": "6F9619FF-8B86-D011-B42D-00CF4FC964FF",
    "CodeSha256": base64.b64encode(random.Random(8).randbytes(32)).decode(),
    "Commit": made("commit", 40, _HEX),
    "VersionId": made("version", 32),
    "InstanceType": "m7g.2xlarge",
    "ImageId": "ami-0abcdef1234567890",
    "SubnetId": "subnet-0a1b2c3d4e5f67890",
    "AccountId": "012345670123",
    "AccessKeyId": "AKIA" + "IOSFODNN7EXAMPLE",
    "TokenEndpoint": "https://id.example.com/oauth2/token",
    "MinimumPasswordLength": "14",
    "SecretName": "prod/db/master",
    "PASSWORD_FILE": "/run/secrets/db",
    "NextToken": "page-2",
    "TaskToken": "$$.Task.Token",
    "Handler": "index.handler",
    "Action": "secretsmanager:GetSecretValue",
    "ManagedPolicy": "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole",
    "LogicalId": "ApplicationLoadBalancerSecurityGroupFromInternet443E5B1A2C",
    "Host": "prod-cluster.cluster-c0abcdefghij.eu-west-1.rds.amazonaws.com",
    "Url": "https://d111111abcdef8.cloudfront.net/assets/index.html",
    "Cidr": "10.0.0.0/16",
    "Zone": "Z0123456789ABCDEFGHIJ",
    "Sentence": "The password policy of this account requires fourteen characters",
}
"""Name -> value of what is to stay readable."""


def plain(text: str) -> str:
    return text


def packed(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def wrapped(text: str) -> str:
    return base64.encodebytes(text.encode()).decode()


def zipped(text: str) -> str:
    return base64.b64encode(gzip.compress(text.encode(), mtime=0)).decode()


def zipped_twice(text: str) -> str:
    return base64.b64encode(gzip.compress(zipped(text).encode(), mtime=0)).decode()


def multipart(text: str) -> str:
    """cloud-init's form: a cloud-config and a script, base64 each."""
    message = MIMEMultipart(boundary="==BOUNDARY==")
    message.attach(MIMEText("#cloud-config\npackages: [jq]\n", "cloud-config"))
    message.attach(MIMEText(text, "x-shellscript", "utf-8"))
    return message.as_string()


def multipart_zipped_parts(text: str) -> str:
    part = MIMEText("", "x-shellscript")
    part.set_payload(zipped(text))
    del part["Content-Transfer-Encoding"]
    part["Content-Transfer-Encoding"] = "base64"
    message = MIMEMultipart(boundary="==BOUNDARY==")
    message.attach(part)
    return message.as_string()


def multipart_packed(text: str) -> str:
    return packed(multipart(text))


def multipart_zipped(text: str) -> str:
    return zipped(multipart(text))


def within_cloud_config(text: str) -> str:
    content = f"    content: {packed(text)}\n"
    return "#cloud-config\nwrite_files:\n  - path: /x\n    encoding: b64\n" + content


PACKINGS: dict[str, Callable[[str], str]] = {
    found.__name__: found
    for found in (
        *(plain, packed, wrapped, zipped, zipped_twice, multipart, multipart_packed),
        *(multipart_zipped, multipart_zipped_parts, within_cloud_config),
    )
}


def as_line(planted: Planted) -> str:
    """A secret as it stands in a script."""
    return f"export {planted.name}='{planted.value}'\n" if planted.name else planted.value


def found_in(data: object, secret: str) -> bool:
    """Whether a secret can be read in JSON's types, a text, or bytes; also escaped."""
    if isinstance(data, bytes):
        data = data.decode("utf-8", "replace")
    text = data if isinstance(data, str) else json.dumps(data, ensure_ascii=False)
    return secret in text or json.dumps(secret)[1:-1] in text
