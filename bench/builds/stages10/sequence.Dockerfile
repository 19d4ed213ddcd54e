# The same work, one after the other.
FROM busybox
ARG ROUND=0
RUN head -c 150000000 /dev/zero | sha256sum > /sum0; echo $ROUND >> /sum0
RUN head -c 150000000 /dev/zero | sha256sum > /sum1; echo $ROUND >> /sum1
RUN head -c 150000000 /dev/zero | sha256sum > /sum2; echo $ROUND >> /sum2
RUN head -c 150000000 /dev/zero | sha256sum > /sum3; echo $ROUND >> /sum3
RUN head -c 150000000 /dev/zero | sha256sum > /sum4; echo $ROUND >> /sum4
RUN head -c 150000000 /dev/zero | sha256sum > /sum5; echo $ROUND >> /sum5
RUN head -c 150000000 /dev/zero | sha256sum > /sum6; echo $ROUND >> /sum6
RUN head -c 150000000 /dev/zero | sha256sum > /sum7; echo $ROUND >> /sum7
RUN head -c 150000000 /dev/zero | sha256sum > /sum8; echo $ROUND >> /sum8
RUN head -c 150000000 /dev/zero | sha256sum > /sum9; echo $ROUND >> /sum9
